"""Rekognition Custom Labels of the offline AWS: its rules as AWS documents them, and models that really learn."""
