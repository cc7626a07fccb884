"""Face collections of Amazon Rekognition."""
