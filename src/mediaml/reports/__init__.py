"""Reports for people: values to pages and files."""
