"""Models of Amazon Rekognition Custom Labels."""
