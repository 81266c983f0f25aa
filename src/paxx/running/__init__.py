"""Run the application of a project, its tools and its containers, in the foreground."""
