"""`paxx completion`: the script that makes a shell complete commands, options and names."""

import os

import click
from click.shell_completion import (
    BashComplete,
    CompletionItem,
    FishComplete,
    ShellComplete,
    ZshComplete,
    add_completion_class,
    get_completion_class,
    split_arg_string,
)

from paxx.cli import streams

_VARIABLE = "_PAXX_COMPLETE"
# In place of those of click: of these shells bash alone quotes nothing by itself, a value may have
# commas, no space may follow what is not complete, such as `length=`, no error is to be written
# into the line, and what is behind the cursor counts for nothing.
_BASH = """\
%(complete_func)s() {
    local response type value word="${COMP_WORDS[COMP_CWORD]}"
    response=$(
        IFS=$'\\n'
        env COMP_WORDS="${COMP_WORDS[*]:0:COMP_CWORD + 1}" COMP_CWORD="$COMP_CWORD" \\
            %(complete_var)s=bash_complete "$1" 2>/dev/null
    )
    COMPREPLY=()
    while IFS=, read -r type value; do
        if [[ $type == dir ]]; then
            compopt -o dirnames
        elif [[ $type == file ]]; then
            compopt -o default
        elif [[ $type == plain ]]; then
            [[ $value == *[=\\(] ]] && compopt -o nospace 2>/dev/null
            [[ $word == [\\"\\']* ]] || printf -v value %%q "$value"
            COMPREPLY+=("${value//\\\\,/,}")
        fi
    done <<< "$response"
}

complete -o nosort -F %(complete_func)s %(prog_name)s
"""
_ZSH = """\
#compdef %(prog_name)s

%(complete_func)s() {
    local -a whole open described response
    local type key descr
    (( ! $+commands[%(prog_name)s] )) && return 1

    response=("${(@f)$(env COMP_WORDS="${(j: :)words[1,CURRENT]}" COMP_CWORD=$((CURRENT-1)) \\
        %(complete_var)s=zsh_complete %(prog_name)s 2>/dev/null)}")

    for type key descr in ${response}; do
        if [[ "$type" == dir ]]; then
            _path_files -/
        elif [[ "$type" == file ]]; then
            _path_files -f
        elif [[ "$descr" != _ ]]; then
            described+=("$key":"$descr")
        elif [[ "$key" == *[=\\(] ]]; then
            open+=("$key")
        else
            whole+=("$key")
        fi
    done

    (( $#described )) && _describe -V unsorted described -U
    (( $#whole )) && compadd -U -V unsorted -a whole
    (( $#open )) && compadd -U -V unsorted -S '' -a open
}

if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
    %(complete_func)s "$@"
else
    compdef %(complete_func)s %(prog_name)s
fi
"""
_FISH = """\
function %(complete_func)s
    set -l words (commandline -cp)
    set -l response (env %(complete_var)s=fish_complete COMP_WORDS="$words" \\
        COMP_CWORD=(commandline -ct) %(prog_name)s 2>/dev/null)
    for completion in $response
        set -l parts (string split -m 1 "," $completion)
        if test $parts[1] = dir
            __fish_complete_directories $parts[2]
        else if test $parts[1] = file
            __fish_complete_path $parts[2]
        else if test $parts[1] = plain
            echo $parts[2]
        end
    end
end

complete --no-files --command %(prog_name)s --arguments "(%(complete_func)s)"
"""
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
class _Bash(BashComplete):
    source_template = _BASH


@add_completion_class
class _Zsh(ZshComplete):
    source_template = _ZSH


@add_completion_class
class _Fish(FishComplete):
    source_template = _FISH


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
