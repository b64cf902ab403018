"""Writes the three example feeds in examples/: the same bytes every time.

    python bench/make_examples.py [FOLDER]

150 persons, 300 records. Every person and company is invented; e-mail domains and telephone numbers are reserved for fiction. Three
sources see the persons differently: a CRM export (semicolons, "Last, First", typing errors, accents lost), team pages (nested, role
mailboxes) and conference speakers (flat, nicknames, place as free text, contact details some of which only attendees see).
The persons of STORIES are those the README's searches ask for.
"""

from __future__ import annotations

import csv
import io
import json
import random
import sys
import unicodedata
from pathlib import Path
from typing import Any, NamedTuple

ROOT = Path(__file__).resolve().parent.parent
PERSONS = 150

GIVEN = {
    "de": "Annegret Thomas Sabine Jörg Katrin Matthias Heike Uwe Friederike Götz",
    "fr": "Élodie Mathieu Océane Thibault Solène Rémi Geneviève Loïc Clémence Benoît",
    "es": "Inés Álvaro Lucía Gonzalo Begoña Íñigo Rocío Javier Nuria Andrés",
    "pl": "Małgorzata Zbigniew Agnieszka Łukasz Bożena Wojciech Kinga Paweł Urszula Michał",
    "tr": "Ayşe Emre Gülşen Çağlar Zeynep Oğuz Şule Kerem Nazlı Tolga",
    "in": "Priya Arjun Lakshmi Rohan Ananya Vikram Meenakshi Siddharth Kavya Harish",
    "jp": "Sakura Kenji Haruka Daisuke Yumi Takeshi Aiko Hiroshi Naomi Ryota",
    "ng": "Amara Chinedu Folasade Emeka Ngozi Babatunde Ifeoma Tunde Yewande Obinna",
    "en": "Robert Elizabeth William Margaret James Katharine Michael Jennifer Edward Susan",
}
FAMILY = {
    "de": "Osterloh Brandmüller Weißenfels Tiedemann Kühnapfel Lindhorst Rosskamp Grützmacher Vossbeck Hölscher",
    "fr": "Beaurepère Lachênaie Montcourt Deslandières Vaugrenard Clairefont Rochebrune Chastelain Périgneux Boisvallon",
    "es": "Monteagudo Villaseca Peñarroja Quintanilla Robledillo Zubizarra Castañeda Arrizabal Fontecilla Buenaventura",
    "pl": "Wiśnicka Kowalewicz Brzezicki Jastrzębski Gołuchowska Mroczyński Szczepanik Dąbrowiecki Pawłowicz Żelaźnik",
    "tr": "Karadağlı Yıldızhan Özgönül Şimşeker Demirkaya Çelebioğlu Akpınarlı Gündoğan Taşkıran Ulusoylu",
    "in": "Chandrashekar Raghunathan Deshmane Venkatakrishnan Mukherji Balasubra Kulkarnikar Iyengarajan Bhattathiri Soodan",
    "jp": "Nakamura Kobayakawa Tachibanaki Matsushiro Fujisawa Ishizaki Hayakawa Morinaga Kurosaki Shimizuya",
    "ng": "Okaforji Adebanjo Nwachukwuma Olaniyanju Ezeobi Balogunwa Ikwuemeso Afolarinde Uzomaka Danjumari",
    "en": "Whitcombe Ashgrove Fairweathers Thornbury Penhallow Marlowski Ravenscroft Birchall Hawksworthy Stanmoor",
}
NICKNAMES = {"Robert": "Bob", "Elizabeth": "Liz", "William": "Bill", "Margaret": "Peggy", "James": "Jim", "Michael": "Mike",
             "Thomas": "Tom", "Jennifer": "Jen", "Edward": "Ted", "Susan": "Sue", "Katharine": "Kate", "Matthias": "Matze"}  # fmt: skip


class Office(NamedTuple):
    """A company's office and how each feed writes the place. phone: a range reserved for fiction, its last digits to be filled in."""

    city: str
    state: str
    country: str
    free_text: str
    phone: str


class Company(NamedTuple):
    """An invented employer. legal: its name with legal form, as the CRM has it."""

    name: str
    legal: str
    domain: str
    offices: tuple[Office, ...]


# Number ranges for films and examples: Bundesnetzagentur (DE), Ofcom (GB), NANPA 555-01xx (US, CA), ARCEP (FR), ACMA (AU), PTS (SE).
MUNICH = Office("München", "Bayern", "DE", "Greater Munich Area", "+49 89 99998 {:03d}")
HAMBURG = Office("Hamburg", "", "Germany", "Hamburg, Germany", "+49 40 66969 {:03d}")
BERLIN = Office("Berlin", "", "DE", "Berlin", "+49 30 23125 {:03d}")
COLOGNE = Office("Köln", "NRW", "Germany", "Cologne, Germany", "+49 221 4710 {:03d}")
LONDON = Office("London", "England", "GB", "London, UK", "+44 20 7946 0{:03d}")
LEEDS = Office("Leeds", "", "United Kingdom", "Leeds, England", "+44 113 496 0{:03d}")
PARIS = Office("Paris", "Île-de-France", "France", "Paris region", "+33 1 99 00 0{:03d}")
BORDEAUX = Office("Bordeaux", "", "FR", "Bordeaux, France", "+33 5 36 49 0{:03d}")
NEW_YORK = Office("New York", "NY", "US", "NYC", "+1 212 555 01{:02d}")
BOSTON = Office("Boston", "MA", "United States", "Greater Boston Area", "+1 617 555 01{:02d}")
SAN_FRANCISCO = Office("San Francisco", "CA", "US", "SF Bay Area", "+1 415 555 01{:02d}")
TORONTO = Office("Toronto", "ON", "Canada", "Toronto, ON", "+1 416 555 01{:02d}")
STOCKHOLM = Office("Stockholm", "", "SE", "Stockholm, Sweden", "+46 8 465 004 {:02d}")
SYDNEY = Office("Sydney", "NSW", "AU", "Sydney, Australia", "+61 2 5550 1{:03d}")
MADRID = Office("Madrid", "", "Spain", "Madrid, España", "")
WARSAW = Office("Warszawa", "", "Poland", "Warsaw", "")
GDYNIA = Office("Gdynia", "Pomerania", "PL", "Gdynia, Poland", "")
IZMIR = Office("İzmir", "", "Turkey", "Izmir", "")
BENGALURU = Office("Bengaluru", "Karnataka", "IN", "Bangalore, India", "")
TOKYO = Office("Tokyo", "", "Japan", "Tokyo", "")
LAGOS = Office("Lagos", "", "NG", "Lagos, Nigeria", "")

COMPANIES = (
    Company("Nebelhorn Robotik", "Nebelhorn Robotik GmbH", "nebelhorn-robotik.example", (MUNICH, BERLIN)),
    Company("Osterfeld & Brandt", "Osterfeld & Brandt Maschinenbau GmbH & Co. KG", "osterfeld-brandt.example", (COLOGNE, HAMBURG)),
    Company("Quillmark Systems", "Quillmark Systems Ltd.", "quillmark.example", (LONDON, LEEDS)),
    Company("Lanternquay", "Lanternquay plc", "lanternquay.example", (LONDON, LAGOS)),
    Company("Brightmoor Analytics", "Brightmoor Analytics, Inc.", "brightmoor.example", (BOSTON, NEW_YORK)),
    Company("Copperlarch Health", "Copperlarch Health LLC", "copperlarch.example", (SAN_FRANCISCO, TORONTO)),
    Company("Pontréal Logistique", "Pontréal Logistique S.A.S.", "pontreal.example", (PARIS, BORDEAUX)),
    Company("Aguamarga Renovables", "Aguamarga Renovables, S.L.", "aguamarga.example", (MADRID,)),
    Company("Wiatrowo Soft", "Wiatrowo Soft Sp. z o.o.", "wiatrowo.test", (WARSAW, GDYNIA)),
    Company("Varnholm Energi", "Varnholm Energi AB", "varnholm.example", (STOCKHOLM,)),
    Company("Lalezarin Tekstil", "Lalezarin Tekstil A.Ş.", "lalezarin.example", (IZMIR,)),
    Company("Chandrapeak Technologies", "Chandrapeak Technologies Pvt. Ltd.", "chandrapeak.test", (BENGALURU,)),
    Company("Kumoyama Instruments", "Kumoyama Instruments K.K.", "kumoyama.example", (TOKYO, SYDNEY)),
)

# Title as the team pages have it, the CRM's short form, and the skills that go with it.
JOBS = (
    ("Software Engineer", "SW Engineer", ("Python", "PostgreSQL", "Docker", "REST APIs")),
    ("Senior Software Engineer", "Sr. Software Eng.", ("Rust", "Kubernetes", "C++", "Linux")),
    ("Head of Engineering", "Head of Eng.", ("Go", "Kubernetes", "Hiring", "System design")),
    ("Data Scientist", "Data Scientist", ("Python", "Machine learning", "SQL", "Statistics")),
    ("Head of Data", "Head of Data", ("SQL", "Apache Spark", "Data governance", "Python")),
    ("Product Manager", "PM", ("Roadmaps", "User research", "Agile", "SQL")),
    ("Vice President of Sales", "VP Sales", ("Negotiation", "Salesforce", "Key accounts")),
    ("Account Manager", "Acct. Manager", ("Salesforce", "Negotiation", "Forecasting")),
    ("Chief Financial Officer", "CFO", ("IFRS", "Treasury", "Controlling")),
    ("Marketing Director", "Mktg. Director", ("Brand strategy", "Google Analytics", "Copywriting")),
    ("HR Manager", "HR Mgr", ("Recruiting", "Labour law", "Onboarding")),
    ("UX Designer", "UX Designer", ("Figma", "User research", "Accessibility")),
    ("Site Reliability Engineer", "SRE", ("Kubernetes", "Terraform", "Prometheus", "Go")),
    ("Mechanical Engineer", "Mech. Engineer", ("SolidWorks", "CAD", "FEM analysis")),
    ("Legal Counsel", "Legal Counsel", ("GDPR", "Contract law", "Compliance")),
)
EVENTS = ("2026-09-09", "2026-09-24", "2026-10-07")


class Person(NamedTuple):
    """One invented person. feeds: which of the three show the person. work: index in JOBS."""

    given: str
    family: str
    company: Company
    office: Office
    work: int
    feeds: str
    nickname: str = ""
    native: str = ""
    more_skills: tuple[str, ...] = ()


C = {company.name.split()[0]: company for company in COMPANIES}

# What the searches of the README and of `roster demo` ask for.
STORIES = (
    Person("Małgorzata", "Wasilewicz", C["Wiatrowo"], WARSAW, 2, "CTS"),  # misspelt: "Malgorzata Waslewicz"
    Person("Katharine", "Phelanbury", C["Quillmark"], LEEDS, 9, "CTS", "Kate"),  # by ear: "Catherine Felanbury"
    Person("Robert", "Whitcombe", C["Brightmoor"], BOSTON, 6, "CTS", "Bob"),  # by nickname: "Bob Whitcombe"
    Person("Friederike", "Lindhorst", C["Nebelhorn"], MUNICH, 4, "CTS"),  # "head of data" in Munich
    Person("Rémi", "Clairefont", C["Nebelhorn"], MUNICH, 4, "TS"),  # the same
    Person("Arjun", "Raghunathan", C["Nebelhorn"], MUNICH, 3, "CT"),  # "data" in Munich, not its head
    Person("Amara", "Okaforji", C["Lanternquay"], LAGOS, 8, "CTS"),  # by e-mail: amara.okaforji@lanternquay.example
    Person("Sakura", "Nakamura", C["Kumoyama"], TOKYO, 1, "CTS", native="中村さくら"),  # by native name
    Person("Ingrid", "Solbakken", C["Varnholm"], STOCKHOLM, 12, "CTS", more_skills=("Rust",)),  # by skills: Kubernetes and Rust
    Person("Thomas", "Osterloh", C["Osterfeld"], HAMBURG, 13, "CTS", "Tom"),  # namesakes: two persons, and they stay two
    Person("Thomas", "Osterloh", C["Nebelhorn"], BERLIN, 14, "CT"),
    Person("Lucía", "Quintanilla", C["Aguamarga"], MADRID, 0, "CT"),  # namesakes again, in two countries
    Person("Lucía", "Quintanilla", C["Copperlarch"], TORONTO, 11, "CS"),
    Person("Emeka", "Nwachukwuma", C["Lanternquay"], LONDON, 7, "CT"),  # the CRM's record is no longer vouched for
    Person("Solène", "Vaugrenard", C["Pontréal"], PARIS, 5, "C"),  # seen by the CRM alone, and expired: never found
)
EXPIRED = {"Nwachukwuma": "2026-03-31", "Vaugrenard": "2026-06-30"}
STORY_FAMILIES = frozenset(p.family for p in STORIES)
# Role mailboxes: shared by the members of a team, whose pages show no other address.
ROLE_MAILBOX = {"lalezarin.example": "info", "chandrapeak.test": "careers"}
# The pattern of feeds: 3 of 10 persons in all three, 4 in two, 3 in one, which makes two records a person.
FEEDS = ("CTS", "C", "TS", "CT", "CTS", "S", "CS", "CTS", "T", "CT")


def persons(rng: random.Random) -> list[Person]:
    """All 150: the stories, and others from the lists. Names are not used twice but in the stories."""
    made = list(STORIES)
    taken = {(p.given, p.family) for p in made}
    cultures = tuple(GIVEN)
    records = sum(len(p.feeds) for p in made)
    while len(made) < PERSONS:
        culture = cultures[len(made) % len(cultures)]
        given, family = pick(rng, GIVEN[culture].split()), pick(rng, FAMILY[culture].split())
        if (given, family) in taken:
            continue
        taken.add((given, family))
        company = pick(rng, COMPANIES)
        # The last few make up for what the stories have more or less than two records a person.
        short = 2 * PERSONS - records - 2 * (PERSONS - len(made))
        left = PERSONS - len(made)
        feeds = FEEDS[len(made) % len(FEEDS)] if left > 10 else "CTS" if short > 0 else "T" if short < 0 else "CT"
        records += len(feeds)
        made.append(Person(given, family, company, pick(rng, company.offices), rng.randrange(len(JOBS)), feeds, NICKNAMES.get(given, "")))
    return made


def pick(rng: random.Random, values: Any) -> Any:
    """One of the values."""
    return values[int(rng.random() * len(values))]


def plain(text: str) -> str:
    """Without accents, as old systems write."""
    letters = text.translate(str.maketrans("łŁßøØıİæ", "lLsoOiIa"))
    return "".join(c for c in unicodedata.normalize("NFD", letters) if not unicodedata.combining(c))


def misspelt(rng: random.Random, name: str) -> str:
    """One letter doubled, dropped or swapped with the next, not the first."""
    at = 1 + int(rng.random() * (len(name) - 2))
    how = rng.random()
    if how < 0.34:
        return name[:at] + name[at] + name[at:]
    if how < 0.67:
        return name[:at] + name[at + 1 :]
    return name[:at] + name[at + 1] + name[at] + name[at + 2 :]


def email(number: int, person: Person) -> str:
    """The person's own address; the second of two namesakes is another person at another domain."""
    local = f"{plain(person.given)}.{plain(person.family)}" if number % 3 else f"{plain(person.given)[0]}{plain(person.family)}"
    if person.family in STORY_FAMILIES:
        local = f"{plain(person.given)}.{plain(person.family)}"
    return f"{local.lower().replace(' ', '')}@{person.company.domain}"


def phone(number: int, person: Person) -> str:
    """The person's own direct line, unique within its reserved range; "" where a country reserves none."""
    digits = 100 if person.office.phone.endswith("02d}") else 1000
    return person.office.phone.format((number * 7 + number // 100 * 4) % digits) if person.office.phone else ""


def handle(person: Person) -> str:
    """An invented handle."""
    return f"{plain(person.given)}-{plain(person.family)}-{plain(person.company.name)[:3]}".lower()


def skills(person: Person) -> list[str]:
    """Skills of the job and further ones."""
    return [*JOBS[person.work][2], *person.more_skills]


def crm_row(rng: random.Random, number: int, person: Person) -> dict[str, str]:
    """A row of the CRM export: "Last, First", typed by hand."""
    given, family, story = person.given, person.family, person in STORIES
    valid_until = EXPIRED.get(person.family, "") if story else ""
    if person.family == "Nwachukwuma" and story:
        person = person._replace(company=C["Copperlarch"], office=SAN_FRANCISCO)  # the employer of before
    if rng.random() < 0.4 and not story:
        given, family = plain(given), plain(family)
    if rng.random() < 0.12 and not story:
        family = misspelt(rng, family)
    if person.nickname and rng.random() < 0.5:
        given = person.nickname
    number_shown, office = phone(number, person), person.office
    if number_shown.startswith("+49"):
        number_shown = number_shown.replace("+49 ", "0").replace(" ", "/", 1)
    return {
        "Record_ID": f"CRM-{5000 + number * 3}",
        "CONTACT NAME": f"{family}, {given}",
        "Company": person.company.legal,
        "Job title": JOBS[person.work][1],
        "E-Mail": email(number, person).title() if number % 8 == 0 else email(number, person) if number % 5 or story else "",
        "Phone": number_shown,
        "CITY": office.city,
        "State": office.state,
        "Country": office.country,
        "Linked_In": f"https://www.linkedin.com/in/{handle(person)}/" if number % 4 == 0 else "",
        "Valid until": valid_until,
        "Collected_At": "2025-11-14" if valid_until else f"2026-0{2 + number % 7}-{1 + number % 28:02d}",
    }


def team_page(number: int, person: Person) -> dict[str, Any]:
    """An entry of a company's team page: nested, correct names, role mailboxes."""
    domain = person.company.domain
    mailbox = f"{ROLE_MAILBOX[domain]}@{domain}" if domain in ROLE_MAILBOX else email(number, person)
    contact = {"email": mailbox, "phone": phone(number, person) if number % 2 else ""}
    return {
        "id": f"tp-{number * 11 + 1000:05d}",
        "page": {"url": f"https://www.{domain}/team#{handle(person)}", "fetched": f"2026-10-{1 + number % 28:02d}"},
        "organisation": {"name": person.company.name, "domain": domain},
        "office": {"city": person.office.city, "country": person.office.country},
        "person": {
            "first_name": person.given,
            "last_name": person.family,
            "role": JOBS[person.work][0],
            "since": f"20{14 + number % 12}-{1 + number % 12:02d}",
            "expertise": skills(person),
            "contact": {key: value for key, value in contact.items() if value},
            "profiles": {"linkedin": f"linkedin.com/in/{handle(person)}"} if number % 4 in (0, 1) else {},
        },
    }


def speaker(rng: random.Random, number: int, person: Person) -> dict[str, Any]:
    """A speaker of a conference: flat, as the speaker likes to be called, contact details for everyone or for attendees."""
    given = person.nickname if person.nickname and number % 2 == 0 else person.given
    name = f"{given} {person.family}"
    if rng.random() < 0.2 and person not in STORIES:
        name = plain(name).upper() if number % 2 else f"{plain(given)} {misspelt(rng, plain(person.family))}"
    record = {
        "speaker_id": f"S{number:03d}-{person.company.domain[:4]}",
        "speaker": name,
        "native_name": person.native,
        "affiliation": person.company.name.upper() if number % 6 == 0 else person.company.name,
        "role": JOBS[person.work][0],
        "based_in": person.office.free_text,
        "topics": skills(person)[-3:],
        "email": email(number, person) if number % 3 else "",
        "twitter": f"@{handle(person).replace('-', '_')[:15]}",
        "contact_visible_to": "attendees" if number % 9 == 6 else "everyone",
        "event_date": EVENTS[number % len(EVENTS)],
    }
    return {key: value for key, value in record.items() if value}


def feeds() -> dict[str, str]:
    """The text of each feed by file name."""
    rng = random.Random(20261123)  # any seed will do, as long as it stays
    everyone = list(enumerate(persons(rng)))
    rows = [crm_row(rng, n, p) for n, p in everyone if "C" in p.feeds]
    pages = [team_page(n, p) for n, p in everyone if "T" in p.feeds]
    speakers = [speaker(rng, n, p) for n, p in everyone if "S" in p.feeds]
    table = io.StringIO()
    writer = csv.DictWriter(table, list(rows[0]), delimiter=";", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return {
        "crm_contacts.csv": table.getvalue(),
        "team_pages.jsonl": "".join(json.dumps(page, ensure_ascii=False) + "\n" for page in pages),
        "conference_speakers.jsonl": "".join(json.dumps(one, ensure_ascii=False) + "\n" for one in speakers),
    }


def main() -> None:
    """Write the feeds into the folder given, or examples/."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "examples"
    for name, text in feeds().items():
        (folder / name).write_text(text, "utf-8", newline="\n")
        print(name, len(text.splitlines()), "lines")


if __name__ == "__main__":
    main()
