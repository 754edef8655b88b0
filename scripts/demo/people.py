"""The fictional people and shops of the demonstration: real communes and trades, invented names.

Everything is drawn from a seeded random generator, so every demonstration has the same members.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import date, timedelta

MERCHANTS = (
    # trade name, commune (INSEE code), NAF division, usual basket in cents, share of customers
    ("Fournil des Deux Rives", "76540", "10", 620, 9),
    ("Librairie du Vieux-Port", "76351", "47", 1890, 4),
    ("Le Bistrot des Arches", "76540", "56", 1650, 6),
    ("La Fromagerie du Clos", "76540", "47", 1480, 5),
    ("Épicerie du Robec", "76540", "47", 2240, 6),
    ("Cinéma Les Docks fictifs", "76351", "59", 780, 4),
    ("Le Panier cauchois", "76758", "47", 1960, 3),
    ("Poissonnerie de la Valleuse", "76259", "47", 1720, 3),
    ("Café de l’Aiguille", "76254", "56", 940, 3),
    ("Auberge du Pollet", "76217", "56", 2380, 3),
    ("Boulangerie Le Bon Levain", "76217", "10", 540, 4),
    ("Atelier de l’Ivoire", "76217", "32", 4200, 1),
    ("Drapiers d’Elbeuf", "76231", "13", 5400, 1),
    ("La Brasserie de Sotteville", "76681", "11", 1380, 2),
    ("Jardins de Barentin", "76057", "01", 1550, 2),
    ("Les Vergers du Tréport", "76711", "01", 1250, 1),
    ("Crèmerie du Pays de Bray", "76462", "10", 1120, 2),
    ("Boulangerie de la Prairie", "14118", "10", 580, 7),
    ("Le Comptoir caennais", "14118", "56", 1540, 5),
    ("Librairie de l’Écume", "14118", "47", 1990, 4),
    ("Halles du Vaugueux", "14118", "47", 2480, 5),
    ("Salle La Presqu'île imaginaire", "14118", "90", 1600, 3),
    ("Vélo Café de l’Orne", "14118", "95", 2700, 2),
    ("Maison de la Dentelle", "14047", "14", 3800, 1),
    ("Le Cidre de Bayeux", "14047", "11", 1460, 2),
    ("Pâtisserie Sainte-Thérèse", "14366", "10", 890, 3),
    ("Au Vieux Bassin", "14333", "56", 2150, 3),
    ("Galerie de l’Estuaire", "14333", "91", 900, 1),
    ("Les Planches, glacier", "14220", "56", 720, 2),
    ("Marée de Trouville", "14715", "47", 2050, 2),
    ("L’Andouille de Vire", "14762", "10", 1340, 2),
    ("Quincaillerie du Château", "14258", "47", 1810, 1),
    ("Coopérative Le Grain d’Or", "14327", "47", 2290, 3),
    ("Voile et Vent", "14488", "93", 3500, 1),
    ("La Mercerie de Cabourg", "14117", "47", 1270, 1),
    ("Laiterie d’Isigny imaginaire", "14342", "10", 980, 1),
    ("Boulangerie de l’Arsenal", "50129", "10", 560, 5),
    ("Parapluies du Cotentin", "50129", "14", 7900, 1),
    ("Le Rade, café-concert", "50129", "56", 1180, 3),
    ("Le Haras gourmand", "50502", "56", 1720, 2),
    ("Les Corsaires, crêperie", "50218", "56", 1630, 3),
    ("Primeurs de la Baie", "50025", "47", 1640, 2),
    ("Jardin des Coutançais", "50147", "81", 4800, 1),
    ("Marais et Compagnie", "50099", "79", 2200, 1),
    ("Le Petit Versailles, primeur", "50615", "47", 1350, 1),
    ("Fonderie et Cuivres", "50639", "32", 3900, 1),
    ("Boulangerie des Quais d’Iton", "27229", "10", 570, 4),
    ("Le Marché d’Évreux", "27229", "47", 2120, 4),
    ("Studio Photo de l’Eure", "27229", "74", 4500, 1),
    ("Les Bateliers de Vernon", "27681", "56", 1870, 2),
    ("La Verrerie de Louviers", "27375", "23", 2900, 1),
    ("Le Nymphéa, salon de thé", "27285", "56", 1040, 1),
    ("Gaillard Primeurs", "27016", "47", 1510, 1),
    ("Ferronnerie de Bernay", "27056", "43", 8600, 1),
    ("Tanneurs de la Risle", "27467", "15", 5200, 1),
    ("Boulangerie du Point d’Alençon", "61001", "10", 550, 4),
    ("Librairie des Ducs", "61001", "47", 1780, 2),
    ("Le Percheron, boucherie", "61293", "47", 2340, 2),
    ("Halle aux Toiles de Flers", "61169", "47", 1690, 2),
    ("Cidrerie du Domfrontais", "61145", "11", 1420, 2),
    ("Grossiste Les Terroirs réunis", "61006", "46", 14500, 0),
    ("Thermes et Bien-être", "61483", "96", 3300, 1),
)

TREASURY = ("Mairie de Saint-Fictif", "76540", "84")
ASSOCIATION = ("Les Ateliers du Partage", "14118", "94")
#: Who issues the currency: its own account takes what members give back (ALBA_RETURNS_ACCOUNT).
ISSUER = ("L’alba, compte des retours", "76540", "94")

FIRST_NAMES = """
Camille Léa Hugo Manon Louis Chloé Jules Emma Arthur Jeanne Paul Alice Gabriel Inès Raphaël Louise
Adam Rose Nathan Anna Victor Lina Martin Sarah Antoine Julie Samir Nadia Karim Aïcha Yann Solène
Maël Élise Rémi Agathe Basile Colette Denis Émile Fanny Gaspard Hélène Ivan Josette Kim Lucien
Mireille Noé Odile
""".split()  # noqa: SIM905
#: Invented family names: a thing of the coast or of the orchard, nobody's.
FAMILY_NAMES = """
Aubépine Bellefalaise Brisemarée Chantegalet Cidrenoir Clairvallon Côtedor Dunevent Embruns
Fauxpommier Galetblanc Grandebruyère Hauteporte Jolimarais Longuegrève Maisondieu Noirlait Pommerais
Quatrevents Rivebasse Sablevert Tournemer Valleuse Vertbocage
""".split()  # noqa: SIM905

RESIDENT_COUNT = 300


@dataclass(frozen=True, slots=True)
class Resident:
    """A fictional resident; `tier` is what the demonstration leads this person to."""

    first_name: str
    family_name: str
    birth_date: date
    commune_code: str
    tier: str
    monthly_load_cents: int
    appetite: float  # payments a day, on average


def generate_residents(seed: int) -> list[Resident]:
    """The residents, always the same for a seed: two in three verified, some declared, a few visitors."""
    rng = random.Random(seed)
    communes = [merchant[1] for merchant in MERCHANTS]
    weights = [merchant[4] + 1 for merchant in MERCHANTS]
    generated = []
    for _ in range(RESIDENT_COUNT):
        tier = rng.choices(("verified", "declared", "visitor"), (66, 22, 12))[0]
        load = {"verified": (6000, 24000), "declared": (3000, 9000), "visitor": (2000, 8000)}[tier]
        generated.append(
            Resident(
                first_name=rng.choice(FIRST_NAMES),
                family_name=rng.choice(FAMILY_NAMES),
                birth_date=date(1945, 1, 1) + timedelta(days=rng.randrange(0, 22_000)),
                commune_code=rng.choices(communes, weights)[0],
                tier=tier,
                monthly_load_cents=rng.randrange(load[0], load[1], 500),
                appetite=rng.uniform(0.2, 1.1),
            )
        )
    return generated


def invented_siret(number: int) -> str:
    """An invented SIRET whose check digits hold (Luhn, over the first 9 and over all 14 digits)."""
    siren = _with_luhn(f"999{number:05d}")
    return _with_luhn(siren + "0001")


def _with_luhn(digits: str) -> str:
    total = 0
    for index, digit in enumerate(reversed(digits)):
        doubled = int(digit) * (2 if index % 2 == 0 else 1)
        total += doubled - 9 if doubled > 9 else doubled
    return digits + str(-total % 10)
