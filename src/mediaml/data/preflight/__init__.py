"""What Rekognition Custom Labels would say of a manifest, known before it is uploaded."""
