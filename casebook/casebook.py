"""What a notebook loads: the tables and their ready joins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import pandas as pd

from casebook.package import DATA, read_package
from casebook.tables import read_typed


def _with_value(frame: pd.DataFrame) -> pd.DataFrame:
    middle = (frame["low"] + frame["high"]) / 2
    frame["value"] = frame["best"].fillna(middle).fillna(frame["low"]).fillna(frame["high"])
    frame["open_high"] = frame["bound"].isin(["at_least", "more_than"])
    frame["open_low"] = frame["bound"].isin(["at_most", "fewer_than"])
    return frame


@dataclass(frozen=True)
class Casebook:
    """The tables as typed frames, and the joins that most questions need.

    Every join keeps one row per row of its first table, in the order of the file.
    """

    sources: pd.DataFrame
    passages: pd.DataFrame
    actors: pd.DataFrame
    events: pd.DataFrame
    statements: pd.DataFrame
    figures: pd.DataFrame
    forces: pd.DataFrame
    propositions: pd.DataFrame
    positions: pd.DataFrame
    relations: pd.DataFrame
    conflicts: pd.DataFrame
    record: pd.DataFrame
    scores: pd.DataFrame

    def _names(self, prefix: str) -> pd.DataFrame:
        return self.actors[["actor_id", "name", "kind"]].rename(
            columns={"actor_id": f"{prefix}_id", "name": prefix, "kind": f"{prefix}_kind"}
        )

    def said(self) -> pd.DataFrame:
        """Return the statements with source, paragraph and speaker.

        Returns
        -------
        pandas.DataFrame
            The columns of ``statements`` and ``source_id``, ``paragraph``, ``genre``,
            ``published_earliest``, ``speaker``, ``speaker_kind``, ``via``, ``via_kind``.
        """
        places = self.passages[["passage_id", "source_id", "paragraph"]]
        sources = self.sources[["source_id", "genre", "published_earliest"]]
        return (
            self.statements.merge(places, on="passage_id", how="left", validate="m:1")
            .merge(sources, on="source_id", how="left", validate="m:1")
            .merge(self._names("speaker"), on="speaker_id", how="left", validate="m:1")
            .merge(self._names("via"), on="via_id", how="left", validate="m:1")
        )

    def above(self, actor_id: str) -> list[str]:
        """Return an actor and those it belongs to, from itself upwards.

        Raises
        ------
        KeyError
            If there is no such actor.
        """
        parent = dict(zip(self.actors["actor_id"], self.actors["affiliation_id"], strict=True))
        chain = [actor_id]
        while pd.notna(up := parent[chain[-1]]) and up not in chain:
            chain.append(str(up))
        return chain

    def without(self, source_id: str) -> Casebook:
        """Return the tables without one article and all that hangs on its statements.

        Actors, events, propositions, scores and the record after the articles stay.

        Raises
        ------
        KeyError
            If there is no such article.
        """
        if source_id not in set(self.sources["source_id"]):
            raise KeyError(f"no article {source_id} in data/sources.csv")
        passages = self.passages[self.passages["source_id"] != source_id]
        statements = self.statements[self.statements["passage_id"].isin(passages["passage_id"])]
        gone = set(self.statements["statement_id"]) - set(statements["statement_id"])
        hanging = ("figures", "forces", "positions", "relations", "conflicts", "record")
        frames = {name: getattr(self, name) for name in hanging}
        return replace(
            self,
            sources=self.sources[self.sources["source_id"] != source_id],
            passages=passages,
            statements=statements,
            **{name: frame[~frame["statement_id"].isin(gone)] for name, frame in frames.items()},
        )

    def _with_statement(self, frame: pd.DataFrame) -> pd.DataFrame:
        columns = ["statement_id", "source_id", "paragraph", "voice", "speaker_id", "speaker"]
        columns += ["speaker_kind", "certainty", "topic", "event_id", "gist"]
        return frame.merge(self.said()[columns], on="statement_id", how="left", validate="m:1")

    def counted(self) -> pd.DataFrame:
        """Return the figures with their statement and drawable bounds.

        Returns
        -------
        pandas.DataFrame
            The columns of ``figures``, of the statement, and ``value`` (the printed number, or
            the middle of a range), ``open_low`` and ``open_high`` (whether more or less than the
            number is left open).
        """
        return _with_value(self._with_statement(self.figures))

    def deployed(self) -> pd.DataFrame:
        """Return the forces with their statement, their owner's name and drawable bounds.

        Returns
        -------
        pandas.DataFrame
            The columns of ``forces``, of the statement and the owner, and ``value``,
            ``open_low`` and ``open_high``, as in `counted`.
        """
        return _with_value(
            self._with_statement(self.forces).merge(
                self._names("owner"), on="owner_id", how="left", validate="m:1"
            )
        )

    def held(self) -> pd.DataFrame:
        """Return the positions with proposition, holder and statement.

        Returns
        -------
        pandas.DataFrame
            The columns of ``positions``, of its proposition and statement, ``holder``,
            ``holder_kind`` and ``imputed``: whether it is reported of its holder by somebody
            else. What an article's own outlet holds is not, whoever it relies on.
        """
        holders = self._names("holder").rename(columns={"holder_id": "actor_id"})
        propositions = self.propositions.rename(columns={"kind": "proposition_kind"})
        frame = (
            self._with_statement(self.positions)
            .merge(propositions, on="proposition_id", how="left", validate="m:1")
            .merge(holders, on="actor_id", how="left", validate="m:1")
        )
        outlet = frame["source_id"].map(self.sources.set_index("source_id")["outlet_id"])
        frame["imputed"] = (frame["actor_id"] != frame["speaker_id"]) & (
            frame["actor_id"] != outlet
        )
        return frame

    def ties(self) -> pd.DataFrame:
        """Return the relations with their statement and the names of both actors."""
        actors = self._names("actor")
        targets = self._names("target")
        return (
            self._with_statement(self.relations)
            .merge(actors, on="actor_id", how="left", validate="m:1")
            .merge(targets, on="target_id", how="left", validate="m:1")
        )

    def disagreements(self) -> pd.DataFrame:
        """Return the conflicts with the statements that take part in them."""
        return self._with_statement(self.conflicts)


def load(folder: Path | str = DATA) -> Casebook:
    """Load the casebook's tables.

    Parameters
    ----------
    folder
        A folder with ``datapackage.json`` and the CSVs; the book's own by default.

    Returns
    -------
    Casebook
        The tables as attributes, the joins as methods.

    Raises
    ------
    DataError
        If a file or column is missing or a cell does not fit its type.
    """
    package = read_package(Path(folder))
    return Casebook(**{name: read_typed(table) for name, table in package.tables.items()})
