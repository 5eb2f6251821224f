"""The translations are whole, and the compiled ones are those of the sources."""

import ast
import re
import subprocess
import sysconfig
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QApplication, QDialogButtonBox

import salebell_desktop
from salebell_desktop.ui.language import TRANSLATIONS, available, chosen, install
from salebell_desktop.ui.reasons import KNOWN, sentences, translated
from salebell_desktop.ui.words import Words

PACKAGE = Path(salebell_desktop.__file__).parent
UI = PACKAGE / "ui"
FIELD = re.compile(r"\{\w+\}")
LANGUAGES = ("en", "es")
BELOW = ("cache", "client", "connection", "credentials", "identity", "store", "app.py", "intents.py")


def messages(language: str) -> dict[tuple[str, str], list[str]]:
    """(context, source) to the translations: one, or one for each plural form."""
    found: dict[tuple[str, str], list[str]] = {}
    for context in ET.parse(TRANSLATIONS / f"salebell_{language}.ts").getroot().iter("context"):
        for message in context.iter("message"):
            translation = message.find("translation")
            assert translation is not None
            unfinished = translation.get("type") is not None
            texts = [form.text or "" for form in translation.iter("numerusform")] or [translation.text or ""]
            key = (context.findtext("name", ""), message.findtext("source", ""))
            found[key] = [] if unfinished else texts
    return found


def said_in_sources() -> Iterator[tuple[str, str]]:
    """(class, literal) of every `self.tr`, wherever it stands (Qt's own tool does not look into f-strings)."""
    for path in UI.rglob("*.py"):
        for owner in ast.walk(ast.parse(path.read_text())):
            if isinstance(owner, ast.ClassDef):
                for node in ast.walk(owner):
                    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "tr":
                        text = node.args[0]
                        assert isinstance(text, ast.Constant), f"{path.name}:{node.lineno}: tr needs a literal"
                        assert isinstance(text.value, str)
                        yield owner.name, text.value


def said_of_columns() -> Iterator[tuple[str, str]]:
    """(context, literal) of every `QCoreApplication.translate`: what is said by no object."""
    for path in UI.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "translate":
                literals = [each.value for each in node.args if isinstance(each, ast.Constant)]
                if len(literals) == 2:
                    yield str(literals[0]), str(literals[1])


def tool(name: str) -> str:
    return str(Path(sysconfig.get_path("scripts")) / name)


def test_there_is_english_and_spanish() -> None:
    assert available() == LANGUAGES


def test_every_sentence_is_translated() -> None:
    spanish = messages("es")

    missing = {text for text, translations in spanish.items() if not translations or not all(translations)}
    assert not missing
    reasons = {("Reasons", sentence) for sentence in KNOWN}
    assert {*said_in_sources(), *said_of_columns(), *reasons} == set(spanish)


def test_english_has_its_plural_forms() -> None:
    assert messages("en")
    for (_, source), forms in messages("en").items():
        assert len(forms) == 2, source
        assert "(s)" not in "".join(forms)


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_keep_fields_and_underlined_letters(language: str) -> None:
    for (context, source), translations in messages(language).items():
        for translation in translations:
            assert sorted(FIELD.findall(translation)) == sorted(FIELD.findall(source)), (context, source)
            assert ("&" in translation) == ("&" in source), (context, source)
            assert translation.endswith("…") == source.endswith("…"), (context, source)


def test_spanish_does_not_say_tu() -> None:
    familiar = re.compile(r"\b([Tt]ú|[Tt]us?|te|ti|contigo)\b|(^|\. )(Inicia|Escribe|Revisa|Espera|Consulta|Usa)\b")
    for (_, source), translations in messages("es").items():
        assert not familiar.search(" ".join(translations)), source


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_sources_have_no_newer_sentences(tmp_path: Path, language: str) -> None:
    fresh = tmp_path / f"salebell_{language}.ts"
    kept = (TRANSLATIONS / fresh.name).read_bytes()
    fresh.write_bytes(kept)
    command = [tool("pyside6-lupdate"), "-silent", "-no-obsolete", "-locations", "none"]
    command += ["-pluralonly"] if language == "en" else []
    sources = [str(path) for path in sorted(UI.rglob("*.py"))]

    subprocess.run([*command, *sources, "-ts", str(fresh)], check=True, capture_output=True)

    assert fresh.read_bytes() == kept, "run scripts/compile-translations"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_compiled_files_are_those_of_the_sources(tmp_path: Path, language: str) -> None:
    compiled = tmp_path / "compiled.qm"
    source = TRANSLATIONS / f"salebell_{language}.ts"

    command = [tool("pyside6-lrelease"), "-silent", str(source), "-qm", str(compiled)]
    subprocess.run(command, check=True, capture_output=True)

    assert compiled.read_bytes() == (TRANSLATIONS / f"salebell_{language}.qm").read_bytes()


def test_what_the_layers_below_say_is_known() -> None:
    """Sentences that reach the user are whole, and are listed for the translators."""
    said = {sentence for layer in BELOW for text in sentences_of(layer) for sentence in sentences(text)}

    assert {sentence for sentence in said if not is_known(sentence)} == set(), "list them in ui/reasons.py"
    assert {sentence for sentence in KNOWN if not any(shape(each) == shape(sentence) for each in said)} == set(), (
        "nobody says them any more"
    )


def shape(sentence: str) -> str:
    """`sentence`, whatever its fields are called."""
    return FIELD.sub("{}", sentence)


def is_known(sentence: str) -> bool:
    return any(shape(sentence) == shape(known) for known in KNOWN)


def sentences_of(layer: str) -> Iterator[str]:
    paths = [PACKAGE / layer] if layer.endswith(".py") else (PACKAGE / layer).rglob("*.py")
    for path in paths:
        tree = ast.parse(path.read_text())
        not_said = {
            id(part)
            for node in ast.walk(tree)
            if (isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant))  # docstrings
            or (isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in PROGRAMMERS)
            for part in ast.walk(node)
        }
        # The parts of a text with fields are no texts of their own.
        parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
        for node in ast.walk(tree):
            if id(node) not in not_said | parts and (text := text_of(node)) and SENTENCE.fullmatch(text):
                yield text


def text_of(node: ast.AST) -> str:
    """The text of a literal, with `{x}` for each field; without fields that stand for whole sentences around it."""
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(part.value) if isinstance(part, ast.Constant) else "{x}" for part in node.values)
        return text.removeprefix("{x} ").removesuffix(" {x}").strip()
    return node.value.strip() if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


SENTENCE = re.compile(r"[A-Z][^\n]* [^\n]*\.")
PROGRAMMERS = {"ValueError", "TypeError", "RuntimeError", "AssertionError"}
"""Their texts are for programmers."""


@pytest.mark.parametrize(
    ("locale", "language"),
    [("es_AR", "es"), ("es_ES", "es"), ("en_GB", "en"), ("de_DE", "en"), ("C", "en"), ("ca_ES", "en")],
)
def test_the_language_is_the_users_or_english(locale: str, language: str) -> None:
    assert chosen(QLocale(locale)) == language


def test_qts_own_words_are_translated_as_well(qapp: QApplication, words: Words) -> None:
    spanish = install(qapp, QLocale("es_AR"))
    box = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
    try:
        assert box.button(QDialogButtonBox.StandardButton.Cancel).text().replace("&", "") == "Cancelar"
        assert words.new_sales(2) == "2 ventas nuevas"
        assert translated("The server is restarting. Please wait.") == "El servidor se está reiniciando. Please wait."
    finally:
        spanish.remove()
        box.deleteLater()
    assert words.new_sales(0) == "No new sales"
