"""The light table: the pages of a batch are put in order by hand, before anything of it is filed."""
