"""Texts of people inside a model: categories, words, documents, and texts that are nobody's."""

from __future__ import annotations

from collections import Counter
from typing import Any, NoReturn

import numpy as np
import pandas as pd
import pytest
from sklearn.compose import ColumnTransformer
from sklearn.feature_extraction import DictVectorizer
from sklearn.feature_extraction.text import CountVectorizer, HashingVectorizer, TfidfVectorizer
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, OrdinalEncoder, StandardScaler, TargetEncoder

from tests.unit.retention.people import Thing, of_kind, patients
from workbench.findings.retained import Keeping
from workbench.retention.looking import look
from workbench.vocabulary import Verdict

FRAME = patients()
ILL = (FRAME.crp > 4).astype(int).to_numpy()
LETTERS = [f"patient {i % 7} came with cough{i % 40} seen by doctor{i}" for i in range(200)]
SEEN = np.arange(200) % 2


def rare_cells(column: Any, k: int = 10) -> set[int]:
    """The rows whose cell fewer than k rows have, counted one by one."""
    counts = Counter(column)
    return {row for row, cell in enumerate(column) if counts[cell] < k}


def rare_words(documents: list[str], k: int = 10) -> tuple[set[str], set[int]]:
    """The words that fewer than k documents have, and these documents."""
    split = [set(document.split()) for document in documents]
    counts = Counter(word for words in split for word in words if len(word) > 1)
    rare = {word for word, count in counts.items() if count < k}
    return rare, {row for row, words in enumerate(split) if words & rare}


class TestCategories:
    @pytest.mark.parametrize(
        "model",
        [
            OneHotEncoder(),
            OneHotEncoder(sparse_output=False, handle_unknown="ignore"),
            OneHotEncoder(min_frequency=10),
            OrdinalEncoder(),
            TargetEncoder(),
        ],
        ids=lambda one: repr(one)[:40],
    )
    def test_encoders_keep_every_text(self, model: Any) -> None:
        """Also those that they group as infrequent: the name is still there."""
        model.fit(FRAME[["clinic"]], ILL)
        report = look(model, (FRAME[["clinic"]], ILL))
        [one] = of_kind(report, Keeping.categories).values()
        expected = rare_cells(FRAME.clinic)
        assert (one.where, one.count, one.columns) == ("categories_", len(expected), ("clinic",))
        assert one.positions == tuple(sorted(expected)[:20])
        assert report.verdict is Verdict.failed
        assert "before the encoder is fitted" in one.remedy
        assert not any(cell in report.to_bytes().decode() for cell in set(FRAME.clinic))

    def test_the_remedy_works(self) -> None:
        """Rare texts replaced before: nothing is found."""
        grouped = FRAME[["clinic"]].copy()
        grouped.iloc[list(rare_cells(FRAME.clinic))] = "other"
        grouped = pd.concat([grouped, grouped[grouped.clinic == "other"]], ignore_index=True)
        assert look(OneHotEncoder().fit(grouped), grouped).found == ()

    def test_in_a_column_transformer(self) -> None:
        """By the names of the columns that it was given."""
        columns = ColumnTransformer(
            [("texts", OneHotEncoder(), ["clinic"]), ("numbers", StandardScaler(), ["age", "bmi"])]
        )
        model = make_pipeline(columns, LogisticRegression()).fit(FRAME, ILL)
        report = look(model, (FRAME, ILL))
        [one] = report.found
        assert one.where == "steps.columntransformer.transformers_.texts.categories_"
        assert one.columns == ("clinic",)
        assert report.gaps == ()

    def test_rows_with_texts(self) -> None:
        """A table with numbers and texts is found as it is, and after the model's own steps."""
        columns = ColumnTransformer(
            [("texts", OneHotEncoder(), ["clinic"]), ("numbers", StandardScaler(), ["age", "bmi"])]
        )
        model = make_pipeline(columns, KNeighborsClassifier()).fit(FRAME, ILL)
        assert look(model, (FRAME, ILL)).rows == len(FRAME)
        for kept in (FRAME.copy(), FRAME.to_numpy(), FRAME.to_dict("records")):
            assert look(Thing(a=kept), FRAME).rows == len(FRAME)

    def test_names_of_classes(self) -> None:
        """A class that two people have is kept by name."""
        classes = np.where(np.arange(300) < 2, "a very rare disease", "a common one")
        model = LogisticRegression().fit(FRAME[["age", "bmi"]], classes)
        [one] = look(model, (FRAME[["age", "bmi"]], classes)).found
        assert (one.where, one.kind, one.count) == ("classes_", Keeping.categories, 2)

    @pytest.mark.parametrize("text", ["practice 50", ["practice 50"], {"practice 50": 1}])
    def test_a_text_anywhere(self, text: Any) -> None:
        """Wherever it is."""
        [one] = look(Thing(note=text), FRAME).found
        assert (one.kind, one.positions) == (Keeping.categories, (50,))

    def test_settings_are_nobody_s(self) -> None:
        """What a model was told to do is no category, though a person's cell says the same."""
        frame = FRAME.assign(note=["median", "auto", *["-"] * 298])
        model = SimpleImputer(strategy="median").fit(frame[["age"]])
        assert look(model, frame).found == ()

    def test_what_many_have_is_nobody_s(self) -> None:
        """Three clinics of a hundred people each."""
        frame = FRAME[~FRAME.clinic.str.startswith("practice")].reset_index(drop=True)
        assert look(OneHotEncoder().fit(frame[["clinic"]]), frame[["clinic"]]).found == ()


class TestVocabularies:
    @pytest.mark.parametrize(
        "model", [TfidfVectorizer(), CountVectorizer(), CountVectorizer(binary=True)]
    )
    def test_rare_words_are_counted(self, model: Any) -> None:
        """The people who used them, and how many words there are."""
        report = look(model.fit(LETTERS), LETTERS)
        words, people = rare_words(LETTERS)
        [one] = report.found
        assert (one.where, one.kind) == ("vocabulary_", Keeping.vocabulary)
        assert one.count == len(people)
        assert f"There are {len(words)} such words." in one.why
        assert report.verdict is Verdict.failed
        assert "min_df=10" in one.remedy

    @pytest.mark.parametrize(
        "model", [TfidfVectorizer(min_df=10), HashingVectorizer(n_features=64)], ids=["min", "hash"]
    )
    def test_the_remedy_works(self, model: Any) -> None:
        """Words that ten people used, or numbers in place of words."""
        pipeline = make_pipeline(model, LogisticRegression()).fit(LETTERS, SEEN)
        assert look(pipeline, (LETTERS, SEEN)).found == ()

    def test_in_a_pipeline_with_neighbours(self) -> None:
        """The documents are kept as rows of numbers."""
        model = make_pipeline(TfidfVectorizer(), KNeighborsClassifier()).fit(LETTERS, SEEN)
        report = look(model, (LETTERS, SEEN))
        assert report.rows == 200
        assert of_kind(report, Keeping.rows)["steps.kneighborsclassifier._fit_X"].after == (
            "steps.tfidfvectorizer"
        )

    def test_bayes_keeps_no_document(self) -> None:
        """Sums over a class are not rows."""
        model = make_pipeline(TfidfVectorizer(min_df=10), MultinomialNB()).fit(LETTERS, SEEN)
        assert look(model, (LETTERS, SEEN)).rows == 0

    def test_records(self) -> None:
        """A vectoriser of records has a word for each text in them."""
        records = FRAME.to_dict("records")
        [one] = look(DictVectorizer().fit(records), records).found
        assert (one.where, one.count) == ("vocabulary_", len(rare_cells(FRAME.clinic)))

    def test_one_column_of_several(self) -> None:
        """Letters beside numbers."""
        frame = pd.DataFrame({"age": range(200), "letter": LETTERS})
        columns = ColumnTransformer([("words", TfidfVectorizer(), "letter")])
        model = make_pipeline(columns, LogisticRegression()).fit(frame, SEEN)
        [one] = look(model, (frame, SEEN)).found
        assert one.where == "steps.columntransformer.transformers_.words.vocabulary_"
        assert one.count == len(rare_words(LETTERS)[1])

    def test_a_vocabulary_of_another_library(self) -> None:
        """Marks of tokenisers are no part of a word; a general vocabulary is nobody's."""
        words = sorted({word for letter in LETTERS for word in letter.split()})
        learned = {f"Ġ{word}" if i % 2 else f"##{word}": i for i, word in enumerate(words)}
        [one] = look(Thing(vocab=learned), LETTERS).found
        assert (one.kind, one.count) == (Keeping.vocabulary, len(rare_words(LETTERS)[1]))
        general = {f"word{i}": i for i in range(5000)} | dict.fromkeys(words[:9], -1)
        assert look(Thing(vocab=general), LETTERS).found == ()

    def test_a_native_tokeniser(self) -> None:
        """It is asked for its vocabulary."""
        words = {word: i for i, word in enumerate({w for one in LETTERS for w in one.split()})}
        native = type("Tokenizer", (), {"__module__": "tokenizers", "get_vocab": lambda _: words})
        [one] = look(Thing(tokenizer=native()), LETTERS).found
        assert one.where == "tokenizer.vocabulary"

    def test_whole_documents(self) -> None:
        """Three letters that somebody kept as examples."""
        [one] = look(Thing(examples=LETTERS[:3]), LETTERS).found
        assert (one.kind, one.positions) == (Keeping.categories, (0, 1, 2))

    def test_a_vectoriser_that_raises_is_a_gap(self) -> None:
        """Somebody's own tokeniser, for instance."""

        def refuses(text: str) -> NoReturn:
            raise RuntimeError

        model = CountVectorizer().fit(LETTERS)
        model.tokenizer = refuses
        report = look(model, LETTERS)
        assert report.gaps == ("vocabulary_ could not be compared with the data.",)
