"""Sound models that are trained and served on Amazon SageMaker."""
