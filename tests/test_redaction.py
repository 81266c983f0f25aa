"""Secrets in texts: what counts as one, what of it is hidden, and what stays readable."""
# ruff: noqa: E501 - a case is a line

import re
import string
import sys
import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from paxx.redaction import redact, secrets_in, words

PYTHON, YAML, TOML, DOTENV = "settings.py", "compose.yml", "pyproject.toml", ".env.example"


@pytest.mark.parametrize(
    ("path", "text", "shown"),
    [
        (DOTENV, "DB_PASSWORD=abc # note", "DB_PASSWORD=*** # note"),
        (DOTENV, "export API_TOKEN='a b'", "export API_TOKEN='***'"),
        (DOTENV, 'SECRET_KEY="first\nsecond" # n', 'SECRET_KEY="***\n***" # n'),
        (DOTENV, "# OLD_TOKEN=abc", "# OLD_TOKEN=***"),
        (DOTENV, "SMTP_PASS=#abc", "SMTP_PASS=***"),
        (DOTENV, 'SMTP_PASS=it"s', "SMTP_PASS=***"),
        (DOTENV, "SENTRY_DSN=https://abc@o1.example/2", "SENTRY_DSN=***"),
        (DOTENV, "AWS_ACCESS_KEY_ID=AKIA1", "AWS_ACCESS_KEY_ID=***"),
        (DOTENV, "STRIPE_KEY=sk_1\r\nA=1\r\n", "STRIPE_KEY=***\r\nA=1\r\n"),
        (DOTENV, "A_URL=amqp://me:p%40ss@h//", "A_URL=amqp://me:***@h//"),
        (DOTENV, "A_URL=redis://:abc@h,redis://:def@i", "A_URL=redis://:***@h,redis://:***@i"),
        (DOTENV, "A_URL=redis://me:a'b@h", "A_URL=redis://me:***@h"),
        (YAML, '  POSTGRES_PASSWORD: "abc"', '  POSTGRES_PASSWORD: "***"'),
        (YAML, "  A_PASSWORD: 'it''s' # n", "  A_PASSWORD: '***' # n"),
        (YAML, "  A_SECRET: |\n    one\n\n    two\n  B: 1", "  A_SECRET: |\n    ***\n\n    ***\n  B: 1"),
        (YAML, "  A_SECRET: one\n    two\n  B: 1", "  A_SECRET: ***\n    ***\n  B: 1"),
        (YAML, "  A_SECRET: >\n    one\n", "  A_SECRET: >\n    ***\n"),
        (YAML, "  A_SECRET: one\n \n", "  A_SECRET: ***\n \n"),
        (YAML, "- token: abc\n  user: me", "- token: ***\n  user: me"),
        (YAML, "- API_TOKEN=abc def\n- A=1", "- API_TOKEN=***\n- A=1"),
        (YAML, '- "API_TOKEN=abc"', '- "API_TOKEN=***"'),
        (YAML, "e: {A_PASSWORD: abc}", "e: {A_PASSWORD: ***}"),
        (YAML, "X: ${DB_PASSWORD:-abc}", "X: ${DB_PASSWORD:-***}"),
        (YAML, "A_TOKEN: ${T:-abc}", "A_TOKEN: ${T:-***}"),
        (YAML, "R: redis://:${RP:-abc}@h:6379/0", "R: redis://:${RP:-***}@h:6379/0"),
        (YAML, 'c: ["redis-server", "--requirepass", "abc"]', 'c: ["redis-server", "--requirepass", "***"]'),
        (YAML, "c: redis-cli --password abc ping", "c: redis-cli --password *** ping"),
        (TOML, '"x @ https://me:abc@h/x.whl",', '"x @ https://***:***@h/x.whl",'),
        (TOML, '"x @ git+https://abc@h/x",', '"x @ git+https://***@h/x",'),
        (TOML, 'token = """a\nb"""', 'token = """***\n***"""'),
        (PYTHON, 'secret_key: SecretStr = SecretStr("abc")', 'secret_key: SecretStr = SecretStr("***")'),
        (PYTHON, 'login: SecretStr = "abc"  # n "m"', 'login: SecretStr = "***"  # n "m"'),
        (PYTHON, 'apiKey = (\n    "a"\n    "b"\n)\nx = "c"', 'apiKey = (\n    "***"\n    "***"\n)\nx = "c"'),
        (PYTHON, 'api_key = """a\nb"""\nx = "c"', 'api_key = """***\n***"""\nx = "c"'),
        (PYTHON, 'token = \\\n    "abc"\nx = "c"', 'token = \\\n    "***"\nx = "c"'),
        (PYTHON, 'os.environ.get("A_TOKEN", "abc")', 'os.environ.get("A_TOKEN", "***")'),
        (PYTHON, "# old_password = abc", "# old_password = ***"),
        (PYTHON, "sa.Column('password', sa.String(), server_default='abc')", "sa.Column('password', sa.String(), server_default='***')"),
        (PYTHON, 'url: str = "postgres://me:abc@h/d"', 'url: str = "postgres://me:***@h/d"'),
        (DOTENV, "GITHUB_PAT=ghp_1", "GITHUB_PAT=***"),
        (DOTENV, "JWT=abc.def", "JWT=***"),
        (DOTENV, "SMTP_PW=abc", "SMTP_PW=***"),
        (DOTENV, "DBPASS=abc", "DBPASS=***"),
        (DOTENV, "STRIPE_SK=abc", "STRIPE_SK=***"),
        (DOTENV, "AUTH_BEARER=abc", "AUTH_BEARER=***"),
        (DOTENV, "PASSWORD_HASH=$2b$12$abc", "PASSWORD_HASH=***"),
        (DOTENV, "COOKIE_SECRET_V2=abc", "COOKIE_SECRET_V2=***"),
        (DOTENV, "API_TOKEN_OLD=abc\nB_TOKEN_PROD_2=abc", "API_TOKEN_OLD=***\nB_TOKEN_PROD_2=***"),
        (DOTENV, "A=https://hooks.slack.com/services/T0/B0/abc", "A=https://hooks.slack.com/services/***"),
        (DOTENV, "A=ghp_abcdefghijkl", "A=***"),
        (DOTENV, "A=https://s3/x?X-Amz-Date=1&X-Amz-Signature=abc&b=1", "A=https://s3/x?X-Amz-Date=1&X-Amz-Signature=***&b=1"),
        (YAML, "BASIC_AUTH: me:abc", "BASIC_AUTH: ***"),
        (YAML, '- "traefik.http.middlewares.a.basicauth.users=me:$$apr1$$abc"', '- "traefik.http.middlewares.a.basicauth.users=***"'),
        (PYTHON, 'u = "https://h/x?a=1&token=abc&b=2"', 'u = "https://h/x?a=1&token=***&b=2"'),
        (PYTHON, 'pw: str = Field(default="abc", alias="SMTP_PASSWORD")', 'pw: str = Field(default="***", alias="SMTP_PASSWORD")'),
        (PYTHON, 'mail: str = Field("abc", validation_alias="A_TOKEN", title="b")', 'mail: str = Field("***", validation_alias="A_TOKEN", title="***")'),
        (PYTHON, 'm: str = Field("abc", alias=AliasChoices("M", "A_TOKEN"))', 'm: str = Field("***", alias=AliasChoices("M", "A_TOKEN"))'),
        (PYTHON, 'm: Annotated[str, Field(alias="A_TOKEN")] = "abc"', 'm: Annotated[str, Field(alias="A_TOKEN")] = "***"'),
        ("", "-----BEGIN RSA PRIVATE KEY-----\nMII\n-----END", "-----BEGIN RSA PRIVATE KEY-----\n***\n-----END"),
        ("", "`x @ https://me:abc@h/x` is kept; `x>=1`", "`x @ https://***:***@h/x` is kept; `x>=1`"),
    ],
)  # fmt: skip
def test_a_secret_is_hidden_in_its_place(path: str, text: str, shown: str) -> None:
    assert redact(text, path) == shown


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (DOTENV, "SECRET_KEY=change-me\nA_TOKEN=\nB_TOKEN= # none\nC_TOKEN=your-token-here"),
        (DOTENV, "A_TOKEN=${OTHER}\nB_TOKEN=$OTHER\nC_TOKEN=${OTHER:?missing}\nD_TOKEN=<token>"),
        (DOTENV, "DB_PASSWORD_FILE=/run/secrets/db\nTOKEN_TTL=3600\nMONKEY=abc\nREDIS_KEY_PREFIX=a:"),
        (DOTENV, "U=http://h:8080/a@b\nV=ssh://git@h/x\nW=postgresql://shop:shop@db/shop"),
        (YAML, "POSTGRES_USER: shop\nPOSTGRES_PASSWORD: shop"),
        (YAML, "secrets:\n  db_password:\n    file: ./x\ntoken: ${{ secrets.TOKEN }}\nkey: abc"),
        (PYTHON, '"""The token, a secret."""\n\n\ndef token() -> str:\n    """Return the token."""\n'),
        (PYTHON, 'SECRET = "change-me"\nname: str = "shop"\nif secret == PLACEHOLDER:\n    x = "y"'),
        (TOML, '"fastapi>=0.121",\n"y @ git+ssh://git@github.com/a/b"'),
        (DOTENV, "COMPAT=abc\nPASSENGER=abc\nPASSENGER_V2=abc\nTASK=abc\nDISK=abc\nFORMAT_PAT=abc"),
        (DOTENV, "PASSWORD_MIN_LENGTH=12\nJWT_TTL=3600\nTOKEN_URL=https://h/token\nJWT_ALGORITHM=HS256"),
        (DOTENV, "BYPASS=abc\nCOMPASS=abc\nPWD=/home/me\nOLDPWD=/home\nBEARER_FORMAT=abc\nLANG_SK=abc"),
        (DOTENV, "A=https://h/x?page=2&signal=abc&design=abc\nB=https://hooks.slack.com/services/\nC=https://slack.com/x"),
        (PYTHON, 'u = f"{base}?token={token}&signature={sign(key)}"'),
        (DOTENV, "BASIC_AUTH=true\nAUTH_TYPE=basic\nSIGNATURE=abc\nSECRET_OLDER=abc\nTOKEN_TESTS=abc"),
        (YAML, "basic_auth:\n  realm: abc\njwt:\n  issuer: abc\nscheme: bearer"),
        (PYTHON, 'DEVELOPMENT_PASSWORDS = {"", "postgres", "base"}\nname: str = Field("abc", alias="SHOP_NAME")'),
        (PYTHON, 'oauth = OAuth2PasswordBearer(tokenUrl="login")\ncompat: str = Field(default="abc", title="token")'),
        ("", "`.env` sets `SECRET_KEY`; it is kept as it is"),
        (PYTHON, 'author_id = mapped_column(ForeignKey("authors.id", ondelete="CASCADE"))\nkey = ForeignKey("a.id")'),
        (PYTHON, "op.create_foreign_key(op.f('fk_a_b'), 'a', 'b', ['b_id'], ['id'], ondelete='RESTRICT')"),
        (PYTHON, "op.create_unique_constraint('uq_users_api_key', 'users', ['api_key'])\nop.drop_table('a')"),
        (PYTHON, "op.drop_constraint('uq_users_api_key', 'users', type_='unique')"),
        (PYTHON, "op.create_index(op.f('ix_users_token'),\n    'users', ['token', 'id'], unique=True)"),
        (PYTHON, "sa.ForeignKeyConstraint(['token'], ['a.token'], name=op.f('fk_a_token'))"),
        (PYTHON, "op.create_check_constraint(op.f('ck_a_token'), 'a', sa.text(\"token <> 'b'\"))"),
        (PYTHON, "op.add_column('tokens', sa.Column('name', sa.String()))\nop.alter_column('tokens', 'name')"),
    ],
)  # fmt: skip
def test_what_is_no_secret_is_shown(path: str, text: str) -> None:
    assert redact(text, path) == text
    assert not secrets_in(text, path)


def test_a_known_secret_is_hidden_anywhere_unless_it_is_too_short_to_tell() -> None:
    known = secrets_in("A_PASSWORD=abcdefg8\nB_PASSWORD=app\nC=redis://:ab%40defgh@h")
    assert redact("app abcdefg8 ab@defgh ab%40defgh", known=known) == "app *** *** ***"


def test_a_secret_that_begins_with_another_one_is_hidden_whole() -> None:
    assert redact("abcdefg8-and-more", known={"abcdefg8", "abcdefg8-and-more"}) == "***"


def test_words_of_the_language_are_not_taken_for_secrets() -> None:
    source = 'password: str = Field("s3cret-value", title="Connection", description="For the mail connection")'
    known = secrets_in(source, PYTHON)
    text = "the connection of s3cret-value"
    assert redact(text, known=known) == "the connection of ***"


def test_the_name_of_a_variable_is_no_secret() -> None:
    source = 'password: str = Field(default="s3cret-value", alias="SMTP_PASSWORD")'
    assert secrets_in(source, PYTHON) == {"s3cret-value"}


@pytest.mark.parametrize("name", ["shop", "base"])
def test_the_settings_of_a_new_project_hold_no_secret(name: str) -> None:
    root = Path(words.__file__).parents[1] / "skeletons/project"
    source = (root / "settings.py.jinja").read_text().replace("{{ project.slug }}", name)
    assert f'"{name}"}}' in source
    assert redact(source, PYTHON) == source


def test_each_line_of_a_known_secret_is_hidden() -> None:
    known = secrets_in("A_SECRET: |\n  abcdefgh\n  ijklmn0p\n", YAML)
    assert redact("`ijklmn0p`", known=known) == "`***`"


def test_in_our_own_text_only_known_secrets_are_hidden() -> None:
    text = "A_PASSWORD=abc\nB_PASSWORD=def\n"
    assert redact(text, known={"def"}, is_ours=True) == "A_PASSWORD=abc\nB_PASSWORD=***\n"


PLACES = [
    (DOTENV, "A=1\nDB_PASSWORD={}\nB=2\n"),
    (DOTENV, "# API_KEY={}\n"),
    (DOTENV, 'A_URL="amqp://me:{}@h:1/v"\n'),
    (YAML, "services:\n  a:\n    environment:\n      A_TOKEN: {}\n      B: 1\n"),
    (YAML, "services:\n  a:\n    environment:\n      - A_TOKEN={}\n"),
    (YAML, "services:\n  a:\n    command: x --password={}\n"),
    (YAML, "services:\n  a:\n    environment: {{A_TOKEN: {}, B: 1}}\n"),
    (YAML, "a:\n  private_key: |\n    -----BEGIN PRIVATE KEY-----\n    {}\n    -----END PRIVATE KEY-----\n"),
    (PYTHON, 'class S(BaseSettings):\n    secret_key: SecretStr = SecretStr("{}")\n'),
    (PYTHON, 'class S(BaseSettings):\n    password: str = Field(\n        default="{}",\n    )\n'),
    (PYTHON, "x = 'redis://:{}@h'\n"),
    (TOML, 'd = ["a @ https://me:{}@h/a.whl", "b"]\n'),
    (TOML, 'd = ["a @ git+https://{}@h/a"]\n'),
]  # fmt: skip


@given(
    place=st.sampled_from(PLACES),
    secret=st.from_regex(r"[a-z]{3}[0-9][A-Za-z0-9_+-]{4,30}", fullmatch=True),
    newline=st.sampled_from(["\n", "\r\n"]),
)
def test_a_random_secret_never_shows(place: tuple[str, str], secret: str, newline: str) -> None:
    path, template = place
    text = template.format(secret).replace("\n", newline)
    for shown in (redact(text, path), redact(f"of {secret}.", known=secrets_in(text, path))):
        assert secret not in shown
        assert "***" in shown
    assert redact(text, path).count(newline) == text.count(newline)
    assert redact(redact(text, path), path) == redact(text, path)


@pytest.mark.parametrize("path", [PYTHON, YAML])
@pytest.mark.parametrize(
    ("begin", "part", "end"),
    [
        ("api_key", "_v1", "='abc123'"),
        ("", "api_key_", "='abc123'"),
        ("--", "api_key_", " abc123"),
        ("password_v", "1", "='abc123'"),
        ("api_key", "_old", "-v2='abc123'"),
        ("# password='abc123", ")", ""),
    ],
)
def test_a_long_line_is_searched_in_linear_time(path: str, begin: str, part: str, end: str) -> None:
    text = begin + part * (100_000 // len(part)) + end
    started = time.process_time()
    assert "abc123" not in redact(text, path)
    assert time.process_time() - started < 30  # of quadratic time it takes minutes


@given(
    path=st.sampled_from([PYTHON, YAML, TOML, DOTENV]),
    text=st.lists(
        st.sampled_from(
            [
                *"='\"\n|#@(),}\\",
                '"""',
                "\r\n",
                "  ",
                ": ",
                "- ",
                "abc",
                "A_TOKEN",
                "://",
                "${",
                "-----BEGIN A-----",
                "--password ",
            ]
        )
    ).map("".join),
)
def test_any_text_keeps_its_lines(path: str, text: str) -> None:
    shown = redact(text, path, secrets_in(text, path))
    assert shown.count("\n") == text.count("\n")
    assert shown.count("\r\n") == text.count("\r\n")


def test_letters_in_lower_case_are_those_that_patterns_match() -> None:
    everything = "".join(map(chr, range(sys.maxunicode + 1)))
    lowered = words.lowered(everything)
    assert len(lowered) == len(everything)
    for letter in string.ascii_lowercase:
        matched = [found.start() for found in re.finditer(letter, everything, re.IGNORECASE)]
        assert [found.start() for found in re.finditer(letter, lowered)] == matched
