"""`paxx completion`: the script that makes a shell complete commands, options and names."""

import os

import click
from click.shell_completion import (
    CompletionItem,
    ShellComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from paxx.cli import streams

_VARIABLE = "_PAXX_COMPLETE"
_POWERSHELL = """\
Register-ArgumentCompleter -Native -CommandName %(prog_name)s -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $env:COMP_WORDS = $commandAst.ToString().Substring(
        0, [Math]::Min($cursorPosition, $commandAst.ToString().Length))
    $env:COMP_WORD = $wordToComplete
    $env:%(complete_var)s = "powershell_complete"
    %(prog_name)s | ForEach-Object {
        $value, $help = $_ -split "`t", 2
        $kind = [System.Management.Automation.CompletionResult]
        $kind::new($value, $value, "ParameterValue", $help)
    }
    Remove-Item Env:COMP_WORDS, Env:COMP_WORD, Env:%(complete_var)s
}
"""


@add_completion_class
class PowerShellComplete(ShellComplete):
    """PowerShell, which click does not know by itself."""

    name = "powershell"
    source_template = _POWERSHELL

    def get_completion_args(self) -> tuple[list[str], str]:
        """Return the words in front of the one that is completed, and that one."""
        typed = os.environ.get("COMP_WORD", "")
        words = split_arg_string(os.environ.get("COMP_WORDS", ""))[1:]
        return (words[:-1] if typed and words else words), typed

    def format_completion(self, item: CompletionItem) -> str:
        """Return a line: the value, and what is known of it behind a tab."""
        return f"{item.value}\t{item.help or item.value}"


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish", "powershell"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> int:
    """Print the script that completes in a shell.

    \b
    bash        paxx completion bash > ~/.local/share/bash-completion/completions/paxx
    zsh         paxx completion zsh > ~/.zfunc/_paxx   with ~/.zfunc in $fpath
    fish        paxx completion fish > ~/.config/fish/completions/paxx.fish
    powershell  paxx completion powershell >> $PROFILE
    """
    kind = get_completion_class(shell)
    if kind is None:  # pragma: no cover - the choices are those that are there
        raise AssertionError
    streams.write(kind(context.find_root().command, {}, "paxx", _VARIABLE).source())
    return 0
