"""The commands grouped by what a user wants to do, and the words that other tools have for them."""

import click

_TASKS = {
    "Start a project": ("bootstrap", "feature"),
    "Add infrastructure": ("infra", "status", "recover"),
    "Every day": ("start", "test", "lint", "db", "routes", "shell", "docker", "doctor"),
    "For tools": ("completion", "schema"),
}

MEANT = {
    **dict.fromkeys(("new", "init", "create", "startproject"), "bootstrap"),
    **dict.fromkeys(("add", "install"), "infra add"),
    **dict.fromkeys(("remove", "uninstall", "rm"), "infra remove"),
    **dict.fromkeys(("upgrade", "update"), "infra upgrade"),
    **dict.fromkeys(("run", "serve", "dev"), "start"),
    **dict.fromkeys(("migrate", "makemigrations"), "db migrate"),
    "list": "infra list",
    "show": "infra show",
    "version": "--version",
    "check": "lint",
}


class _Headed(click.HelpFormatter):
    """A help text with bold headings."""

    def write_heading(self, heading: str) -> None:
        """Write the heading of a section."""
        super().write_heading(click.style(heading, bold=True))

    def write_usage(self, prog: str, args: str = "", prefix: str | None = None) -> None:
        """Write the usage line."""
        super().write_usage(prog, args, prefix or f"{click.style('Usage', bold=True)}: ")


class HelpContext(click.Context):
    """The context of a command whose help has bold headings."""

    formatter_class = _Headed


class ByTask(click.Group):
    """A group whose help lists the commands by task."""

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each task."""
        del ctx
        longest = max(map(len, self.commands))
        for heading, names in _TASKS.items():
            with formatter.section(heading):
                room = formatter.width - 6 - longest
                formatter.write_dl(
                    [
                        (name.ljust(longest), self.commands[name].get_short_help_str(room))
                        for name in names
                    ]
                )
