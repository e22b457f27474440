"""Names, organisations and words that the demo's people are made of: invented, with reserved domains and numbers."""

from __future__ import annotations

import unicodedata
from functools import lru_cache
from typing import Final


def _split(text: str) -> tuple[str, ...]:
    return tuple(text.split())


GIVEN: Final = _split(
    """
    Aaliyah Aarav Abena Adaeze Ádám Adriana Agnieszka Ahmed Aiko Aisha Alejandro Aleksandra Alice Amara Amélie Amir
    Ana Anders Andrei Anika Anja Antonio Anwar Aoife Arjun Arne Astrid Ayodele Ayşe Beatriz Benedikt Bjørn Bogdan
    Bruno Camille Carlos Cátia Cécile Chiara Chidi Chloé Ciarán Clara Daan Dalia Daniela David Deepa Dilek Dimitra
    Ebba Eduardo Eilidh Elena Elias Emeka Emil Emre Erik Esra Esther Ewa Farah Fatou Felix Fernanda Fiona Florin
    François Freja Gabriel Giulia Gonçalo Gustav Hana Hannah Haruto Hassan Helena Henrik Hyun Ibrahim Ikram Ingrid
    Isabel Ivan Jakub Jasmin Javier Jelena Jiho João Jonas Joost José Julia Kaito Kamala Karim Karolina Kateryna
    Katrín Kenji Khadija Kiran Klara Kwame Lachlan Lars Laszlo Leila Léo Lerato Liam Lucía Lukas Magnus Mahmoud Maja
    Malik Malin Mandla Marek Margarida Mariam Markus Marta Mateo Matthias Mehdi Mei Mihai Milan Minh Mirela Mohamed
    Mónica Nadia Naledi Naoko Natalia Ngozi Nikolai Noah Noor Nuno Oisín Omar Ornella Oskar Parisa Patrícia Pedro
    Petra Pilar Piotr Priya Rafael Rania Renata Ricardo Rohan Roisin Rubén Ruth Sakura Salma Sanjay Santiago Saskia
    Sean Seoyeon Shirin Sigrid Sofía Søren Stella Sunita Sven Tamar Tariq Temitope Thandi Théo Thuy Tiago Tomasz
    Tove Umut Valentina Vanessa Vera Vikram Wanda Wei Xavier Xin Yasmin Yosef Yuki Yusuf Zainab Zanele Zoë Zofia
    """
)

FAMILY: Final = _split(
    """
    Abebe Acheampong Adeyemi Agarwal Aguilar Ahmadi Al-Masri Almeida Álvarez Amundsen Andersson Antonescu Appiah
    Aydın Bakker Balogun Banerjee Barros Baumann Becker Benítez Bergström Bianchi Björk Botha Bouchard Boateng Byrne
    Caetano Campbell Castillo Çelik Chatterjee Chen Cissé Clarke Conti Costa Cruz Dahl Dąbrowski Delacroix Demir
    Desai Diallo Dlamini Doğan Dubois Dvořák Eriksson Espinoza Eze Fernandes Ferrari Fischer Fofana Fontaine Fraser
    Fujimoto Gallo García Georgiou Ghosh Gómez Grönlund Guerrero Gupta Hakimi Hansen Hashimoto Hernández Hoang
    Hoffmann Horvat Hussein Ibarra Ito Ivanova Jansen Jensen Jovanović Kang Kapoor Karlsson Kaur Keller Khalil
    Khumalo Kimura Kiss Kobayashi Kovács Kowalski Krüger Lambert Larsen Le Lefèvre Li Lim Lindholm Lopes Łukasik
    Mabuza MacDonald Mahlangu Malik Marin Marchetti Martins Mbeki Mehta Mendes Meyer Mitchell Mohan Molina Morales
    Moreau Müller Murphy Mwangi Nair Nakamura Navarro Ndiaye Neumann Nguyen Nielsen Novák Nowak Núñez Obi Odhiambo
    Okeke Oliveira Olsen Ortiz Osei Özdemir Papadakis Park Patel Pereira Peters Petersen Pham Popescu Quintero
    Rahman Ramírez Rao Reyes Ribeiro Richter Rinaldi Robinson Romero Ruiz Sánchez Santos Sato Schmidt Schneider
    Sharma Silva Sithole Smirnova Soto Stewart Suzuki Svensson Szabó Takahashi Tanaka Teixeira Tesfaye Thompson
    Torres Traoré Tran Vargas Vasquez Vermeulen Virtanen Vo Wagner Walsh Wang Weber Wójcik Wright Yamada Yang Yıldız
    Yilmaz Zhang Zielińska Zimmermann Zulu
    """
)

ORGANISATIONS: Final = (
    "harbour",
    "northwind",
    "tidewater",
    "quay",
)  # each is also <name>.example, reserved by RFC 2606

LOCALES: Final = ("en-GB", "en-US", "de-DE", "es-ES", "fr-FR", "pt-PT", "sv-SE", "it-IT")

AREA_CODES: Final = ("202", "206", "212", "312", "415", "503", "617", "713")  # with 555-01xx: numbers kept for fiction

WORDS: Final = _split(
    """
    amber anchor beacon breeze canal copper coral cutter delta drift ember ferry fjord galley gannet granite heron
    island jetty kelp kestrel lagoon lantern linen marina meadow mistral oyster pebble pilot plover quartz rudder
    saffron schooner signal spruce summit tern thistle timber topsail velvet willow winter
    """
)

_FOLD: Final = str.maketrans(
    {"ø": "o", "ł": "l", "ß": "ss", "ı": "i", "đ": "d", "æ": "ae", "œ": "oe", "ð": "d", "þ": "th", "'": "", " ": ""}
)


@lru_cache(maxsize=1024)
def mailbox(text: str) -> str:
    """A name as it stands in an email address: lower case, plain ASCII."""
    plain = unicodedata.normalize("NFKD", text.lower()).translate(_FOLD)
    return plain.encode("ascii", "ignore").decode("ascii")
