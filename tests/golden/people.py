"""Whom the golden queries are asked about: the cases of people.txt, and a fictional crowd around them, made here from short lists."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

from profiles.models import Profile, Value
from tests.search_api.people import person, value

FOLDER = Path(__file__).parent
KINDS = ("name", "job_title", "company", "location", "skill", "email")
CROWD = 400


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN = _words(
    """
    Adam Alice Amelia Amy Ana Andrea Anna Ben Beatriz Bruno Carla Carlos Clara Daniel David Diana Elena Emma Eric Eva Felix Fiona
    Frank Gabriel Georg Greta Hanna Hugo Ida Isabel Jan Jane John Jonas José Julia Karl Kate Laura Leo Linda Luc Lucas Maria Marie
    Mark Marta Martin Max Mia Michael Nancy Nina Noah Nora Olga Oscar Paul Peter Philip Rita Robert Rosa Sara Sofia Stefan Stephen
    Teresa Thomas Tim Vera Victor William Wei Yusuf Zara Mohamed Ahmed Priya Ravi Hiroshi Yuki Minh Lan
    """
)
FAMILY = _words(
    """
    Adler Albrecht Almeida Baker Barker Berger Bernard Bianco Brandt Brook Carter Castle Chen Costa Cross Dale Dean Delgado Doyle
    Duarte Ek Engel Farkas Ferrari Fischer Fonseca Ford Frost Garcia Gray Greco Grant Hahn Hall Hart Hill Holt Hansen Ivanov Jansen
    Jensen Kaiser Keller Khan Klein Kovacs Kumar Lange Larsen Lemaire Lopez Lund Mann Marsh Martin Meyer Miller Mendes Molina Moreau
    Mueller Müller Nagy Neumann Nielsen Novak Oliveira Olsen Park Patel Perez Petit Popov Quinn Ramos Reed Reyes Richter Rossi Roth
    Russo Santos Sato Schmidt Schneider Shah Silva Singh Smith Soares Stein Stone Suzuki Tanaka Thomas Tran Vogel Wagner Walker Wang
    Weber White Winter Wolf Wood Yamada Young Zhang Zimmermann
    """
)
TITLES = (
    "Accountant", "Account Manager", "Administrative Assistant", "Architect", "Backend Developer", "Business Analyst", "Carpenter",
    "Chief Executive Officer", "Civil Engineer", "Consultant", "Customer Service Representative", "Data Analyst", "Data Scientist",
    "Director of Sales", "Electrician", "Finance Manager", "Graphic Designer", "Head of Marketing", "Human Resources Manager", "Journalist",
    "Junior Accountant", "Lawyer", "Marketing Manager", "Mechanical Engineer", "Nurse", "Operations Manager", "Product Manager",
    "Project Manager", "Research Scientist", "Sales Manager", "Senior Software Engineer", "Software Engineer", "Teacher",
    "Vice President of Operations", "Warehouse Clerk",
)  # fmt: skip
COMPANIES = (
    "Amberline Foods", "Bluegate Systems Ltd", "Cinderhill Retail", "Dovetail Insurance", "Eastmoor Energy plc", "Falkenried GmbH",
    "Granit & Sohn KG", "Highmeadow Hospital", "Isola Verde S.r.l.", "Juniper Lane Media", "Kestrel Airways", "Lindenhof Bank AG",
    "Marquise Cosmétiques SARL", "Northfork Mining Inc.", "Olivar Consultores S.L.", "Pinecrest University", "Quarry Road Studios",
    "Redfern Logistics", "Saltmarsh Software LLC", "Tidewater Shipping Co.",
)  # fmt: skip
PLACES = (
    "London, United Kingdom", "Manchester, United Kingdom", "Paris, France", "Lyon, France", "Berlin, Germany", "Hamburg, Germany",
    "Frankfurt, Germany", "Madrid, Spain", "Barcelona, Spain", "Rome, Italy", "Milan, Italy", "Vienna, Austria", "Zurich, Switzerland",
    "Amsterdam, Netherlands", "Brussels, Belgium", "Copenhagen, Denmark", "Prague, Czechia", "Lisbon, Portugal", "New York City, New York",
    "Chicago, Illinois", "San Francisco, California", "Toronto, Canada", "Mumbai, India", "Tokyo, Japan", "Sydney, Australia",
)  # fmt: skip
SKILLS = (
    "Accounting", "Budgeting", "Customer service", "Excel", "French", "German", "Graphic design", "JavaScript", "Negotiation", "Photoshop",
    "PowerPoint", "Public speaking", "Sales", "SAP", "Spanish", "Tableau", "Teaching", "Writing",
)  # fmt: skip


def everyone() -> list[Profile]:
    """All of them in the order of ids, by which one engine tells equals apart; the other goes by arrival."""
    return sorted((*cases(), *crowd()), key=lambda profile: profile.id)


def cases() -> Iterator[Profile]:
    """The persons of people.txt."""
    for line in (FOLDER / "people.txt").read_text("utf-8").splitlines():
        if line.startswith("#"):
            continue
        id, *fields = (field.strip() for field in line.split("|"))
        texts = {kind: text.split("; ") for kind, text in zip(KINDS, fields, strict=False) if text}
        companies = [_company(text) for text in texts.pop("company", ())]
        yield person(id, *companies, **texts)


def _company(text: str) -> Value:
    """A company, with its domain in "Acme Ltd @acme.example"."""
    name, _, domain = text.partition(" @")
    made = value("company", name)
    return made.model_copy(update={"parts": {**made.parts, "domain": domain}}) if domain else made


def crowd() -> Iterator[Profile]:
    """Persons whom no query means, always the same: enough of them that common words are common."""
    rng = random.Random(5)
    for number in range(CROWD):
        yield person(
            f"crowd_{number:03d}",
            name=f"{rng.choice(GIVEN)} {rng.choice(FAMILY)}",
            job_title=rng.choice(TITLES),
            company=rng.choice(COMPANIES),
            location=rng.choice(PLACES),
            skill=rng.sample(SKILLS, 3),
        )
