"""Where the files of an archive are examined: in threads of this process, or on a cluster."""
