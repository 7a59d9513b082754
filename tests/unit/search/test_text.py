"""Folding, units and tokens."""

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.build_fold_table import main, variant_classes
from search.text import VARIANTS, fold, phrase_tokens, tokens, units, units_with_offsets, without_zeros

_ANY_TEXT = st.text(st.characters(codec=None), max_size=200)


@given(_ANY_TEXT)
def test_folding_keeps_the_length(text: str) -> None:
    """Every codepoint becomes one codepoint, so that offsets stay valid in the original."""
    assert len(fold(text)) == len(text)


@given(_ANY_TEXT)
def test_folding_twice_is_folding_once(text: str) -> None:
    """What is folded is in its last form."""
    assert fold(fold(text)) == fold(text)


def test_lone_surrogates_and_controls_are_blanks() -> None:
    """What is no letter or digit is a blank, whatever it is."""
    assert fold("a\ud800\x00\u200b，。😀〔b") == "a       b"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("檔案館藏", "档案馆藏"),
        ("發展頭髮", "发展头发"),
        ("皇后以後", "皇後以后"),
        ("說明", "説明"),
        ("裡面", "裏面"),
        ("台灣", "臺湾"),
        ("二○二一", "二〇二一"),
        ("Ｚ１０９", "z109"),
        ("⼀⾯", "一面"),
        ("ＡＢＣabc", "abcABC"),
    ],
)
def test_variants_fold_alike(one: str, other: str) -> None:
    """Forms of one character are one, whatever the script, region, width or case."""
    assert fold(one) == fold(other)


def test_different_characters_stay_different() -> None:
    """Likeness is not sameness."""
    assert len({fold(character) for character in "己已巳未末土士日曰人入天夫"}) == 13


@given(st.text(st.characters(codec="utf-8", categories=["L", "N"]), max_size=50))
def test_folding_agrees_with_unicode(text: str) -> None:
    """Where no Chinese variant is concerned, a letter folds to the small letter Unicode knows for it."""
    variants = set(VARIANTS.read_text(encoding="utf-8"))
    for character in text:
        compatible = unicodedata.normalize("NFKC", character)
        if not {character, compatible} & variants and len(compatible) == len(compatible.lower()) == 1:
            assert fold(character).strip() in {compatible.lower(), ""}


def test_units_are_characters_and_runs() -> None:
    """Each character is a unit, each run of digits and each run of letters."""
    assert units("国办发〔2021〕12号 Z109-ws") == ["国", "办", *units("发"), "2021", "12", "号", "z", "109", "ws"]


def test_units_know_where_they_stand() -> None:
    """Offsets point into the original text."""
    text = "安 全\n2021"
    found, starts = units_with_offsets(text)
    assert [text[start : start + len(unit)] for unit, start in zip(found, starts, strict=True)] == ["安", "全", "2021"]


def test_tokens_bridge_signs() -> None:
    """A character is joined with the next, over blanks and punctuation, but not with a number."""
    assert tokens(units("安 全，生\n产2021年")) == ["安全", "全生", "生产", "产", "2021", "年"]
    assert tokens([]) == []


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        ("安全生产", (("安全", "全生", "生产"), False)),
        ("安", (("安",), True)),
        ("2021年", (("2021", "年"), True)),
        ("2021", (("2021",), False)),
        ("年2021", (("年", "2021"), False)),
    ],
)
def test_phrases_end_openly_where_a_character_may_go_on(phrase: str, expected: tuple[tuple[str, ...], bool]) -> None:
    """A phrase is the tokens that every text with its units has; only a last character alone may go on."""
    assert phrase_tokens(units(phrase)) == expected


def test_an_unfinished_phrase_lets_its_number_go_on() -> None:
    """An asterisk lets the last number go on."""
    assert phrase_tokens(units("bgs 20"), unfinished=True) == (("bgs", "20"), True)


def test_zeros_before_a_number_do_not_count() -> None:
    """Numbers are equal with and without leading zeros; zero itself stays."""
    assert without_zeros(["0012", "000", "120", "x0", "年"]) == ["12", "0", "120", "x0", "年"]


def test_the_table_is_as_its_script_makes_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From OpenCC's tables the script makes one class for all forms, simple signs never first."""
    for name in ("TSCharactersExt", "TWVariants", "TWVariantsRev", "HKVariants", "HKVariantsRev"):
        (tmp_path / f"{name}.txt").write_text("# nothing\n")
    (tmp_path / "TSCharacters.txt").write_text("發\t发\n髮\t发\n")
    (tmp_path / "STCharacters.txt").write_text("发\t發 髮\n词语\t詞語\n")
    monkeypatch.setattr("search.build_fold_table.VARIANTS", tmp_path / "variants.txt")
    main(tmp_path)
    lines = [line for line in (tmp_path / "variants.txt").read_text().splitlines() if not line.startswith("#")]
    assert lines == ["〇○◯", "发發髮"]


def test_classes_do_not_overlap() -> None:
    """Every character is in one class of the checked-in table."""
    classes = [line for line in VARIANTS.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    members = [character for line in classes for character in line]
    assert len(members) == len(set(members))
    assert variant_classes((line[0], member) for line in classes for member in line[1:]) == sorted(classes)
