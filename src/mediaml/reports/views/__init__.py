"""Values as views: what a notebook shows where one of them is the last line of a cell."""
