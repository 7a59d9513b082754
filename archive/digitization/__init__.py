"""Batches of scans: taken in, recognised page by page, reviewed beside the image, accepted, filed."""
