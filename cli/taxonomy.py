"""`roster taxonomy`: whole taxonomies of skills and job titles, as their publishers ship them."""

from __future__ import annotations

from pathlib import Path

import click

from cli import parts
from cli.console import print_json, say
from cli.options import as_json, common, example


@click.group(epilog=example("roster taxonomy import skills_en.csv"))
def taxonomy() -> None:
    """Let roster know the whole skill and title lists of ESCO and O*NET."""


@taxonomy.command(
    name="import",
    epilog=example("roster taxonomy import skills_en.csv occupations_en.csv", 'roster taxonomy import "Technology Skills.txt"'),
)
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path, exists=True, dir_okay=False), metavar="FILE...")
@as_json
@common
def import_files(files: tuple[Path, ...], json: bool) -> None:
    """Take skills and job titles from ESCO and O*NET files, as their publishers ship them.

    Each file is added to what earlier imports brought. Records held already keep their words until they are ingested anew.
    """
    from indexer.taxonomy import read_taxonomy, write_taxonomy

    folder = parts.taxonomy_folder(parts.settings())
    read = [read_taxonomy(file) for file in files]  # all of them before anything is written
    for taken in read:
        write_taxonomy(taken, folder)
    if json:
        print_json(
            {"folder": str(folder), "files": [{"file": str(file), **taken.counts()} for file, taken in zip(files, read, strict=True)]}
        )
        return
    for file, taken in zip(files, read, strict=True):
        passed_over = taken.ambiguous + sum(taken.skipped.values())
        say(f"{file}: {len(taken.rows):,} {taken.kind.replace('_', ' ')}s of {taken.publisher}, {passed_over:,} labels passed over")
    say(f"Kept in {folder}; used from the next command on.")
