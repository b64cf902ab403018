#!/bin/sh
# Registers the example sources and ingests their feeds into the store of ROSTER_STORE. Safe to run again. EXAMPLES: the folder examples/.
set -eu
cd "${EXAMPLES:-examples}"
for feed in team_pages.jsonl crm_contacts.csv conference_speakers.jsonl; do
    source="${feed%%.*}"
    roster sources add "sources/$source.toml"
    roster ingest "$feed" --source "$source" || [ $? -eq 3 ]  # 3: done, and some records were rejected, as the examples mean to show
done
