"""Plan what to write: a project and components in, a Plan of file changes out. Writes nothing."""
