"""Infrastructure that every feature may use; knows nothing of features."""
