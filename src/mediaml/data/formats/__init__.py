"""One file a format: how people write down what is to be heard where."""
