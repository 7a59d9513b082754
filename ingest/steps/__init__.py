"""The steps of the pipeline, one small pure function a file: blank, orientation, thumbnail."""
