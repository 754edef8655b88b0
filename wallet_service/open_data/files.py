"""What is offered to take away, and in which form: rows as CSV and JSON, their schemas, the catalogue. Pure.

Sources: RFC 4180 (CSV), Frictionless Table Schema (what schema.data.gouv.fr asks for), JSON Schema 2020-12,
W3C DCAT 3 with the EU's authority tables (DCAT-AP), Licence Ouverte 2.0 of Etalab. Money is integer euro
cents in both forms, so that no reader rounds.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from wallet_service.directory.decisions import page_name
from wallet_service.directory.models import Listing
from wallet_service.open_data.decisions import K_ANONYMITY, MAX_SHARE_PERCENT
from wallet_service.open_data.models import PublishedDay
from wallet_service.protocol.text.csv_text import Cell, guarded
from wallet_service.territory import sectors

LICENCE_NAME = "Licence Ouverte / Open Licence 2.0"
LICENCE_URL = "https://www.etalab.gouv.fr/licence-ouverte-open-licence/"
_LICENCE_URI = "http://publications.europa.eu/resource/authority/licence/ETALAB_2_0"
_EU = "http://publications.europa.eu/resource/authority"
DEGREE_E5 = 100_000

FieldType = Literal["string", "integer", "number", "date"]


def _(text: str) -> str:
    """Marks a sentence for scripts/build/messages.py; translated when shown."""
    return text


@dataclass(frozen=True, slots=True)
class OpenField:
    """One column. `meaning` in French; a field that is not required may be empty."""

    name: str
    type: FieldType
    meaning: str
    is_required: bool = False
    minimum: int | None = None


@dataclass(frozen=True, slots=True)
class Dataset:
    """One table that is offered."""

    name: str
    title: str
    about: str
    fields: tuple[OpenField, ...]
    frequency: str


DAYS = Dataset(
    "days",
    _("Chaque jour : réserve, circulation, membres, paiements"),
    _("Une ligne par jour pour la région, une par département. Vide : trop peu de personnes pour le dire."),
    (
        OpenField("day", "date", _("Jour, à l’heure de la région"), is_required=True),
        OpenField("area", "string", _("Numéro du département ; « region » pour toute la région"), True),
        OpenField("supply_cents", "integer", _("En circulation à la fin du jour, en centimes"), minimum=0),
        OpenField("reserve_cents", "integer", _("Dernière réserve attestée, en centimes d’euro"), minimum=0),
        OpenField("members_count", "integer", _("Membres inscrits"), minimum=0),
        OpenField("professionals_count", "integer", _("Professionnels parmi eux"), minimum=0),
        OpenField("payers_count", "integer", _("Membres qui ont payé un professionnel"), minimum=0),
        OpenField("payees_count", "integer", _("Professionnels payés"), minimum=0),
        OpenField("payments_count", "integer", _("Paiements à des professionnels"), minimum=0),
        OpenField("volume_cents", "integer", _("Leur somme, en centimes"), minimum=0),
    ),
    "DAILY",
)
DIRECTORY = Dataset(
    "directory",
    _("L’annuaire des professionnels"),
    _("Qui accepte la monnaie, où, quand et comment, tel que chacun l’a écrit."),
    (
        OpenField("id", "string", _("Identifiant public"), True),
        OpenField("name", "string", _("Nom"), True),
        OpenField("kind", "string", _("merchant, association ou treasury"), True),
        OpenField("naf_divisions", "string", _("Divisions NAF, la principale d’abord"), True),
        OpenField("trade", "string", _("Activité principale"), True),
        OpenField("sells", "string", _("Ce qu’on y trouve")),
        OpenField("commune_code", "string", _("Code INSEE de la commune"), True),
        OpenField("commune", "string", _("Commune"), True),
        OpenField("address", "string", _("Adresse")),
        OpenField("latitude", "number", _("Latitude WGS 84")),
        OpenField("longitude", "number", _("Longitude WGS 84")),
        OpenField("position", "string", _("« door » : la porte ; « commune » : le centre de la commune")),
        OpenField("opening_hours", "string", _("Horaires, comme OpenStreetMap les écrit")),
        OpenField("takes", "string", _("till : en caisse, web : en ligne, invoice : sur facture")),
        OpenField("website", "string", _("Site")),
        OpenField("phone", "string", _("Téléphone")),
        OpenField("url", "string", _("Sa page dans l’annuaire"), True),
    ),
    "CONT",
)
DATASETS = {dataset.name: dataset for dataset in (DAYS, DIRECTORY)}
#: Days as OpenStreetMap's opening_hours names them.
_OSM_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
REGION_WORD = "region"

Rows = Sequence[tuple[Cell | float, ...]]


def day_rows(days: Iterable[PublishedDay]) -> Rows:
    return [
        (
            row.day.isoformat(),
            row.area or REGION_WORD,
            row.supply_cents,
            row.reserve_cents,
            row.members_count,
            row.professionals_count,
            row.payers_count,
            row.payees_count,
            row.payments_count,
            row.volume_cents,
        )
        for row in days
    ]


def directory_rows(listings: Iterable[Listing], origin: str) -> Rows:
    return [_directory_row(listing, origin) for listing in listings]


def _directory_row(listing: Listing, origin: str) -> tuple[Cell | float, ...]:
    card, spot = listing.card, listing.spot
    sector = sectors().get(listing.sector)
    return (
        listing.id,
        listing.name,
        listing.kind,
        " ".join(trade for trade in listing.trades if trade),
        sector.french if sector else "",
        card.sells,
        listing.commune_code,
        listing.commune,
        card.address,
        spot.latitude_e5 / DEGREE_E5 if spot else None,
        spot.longitude_e5 / DEGREE_E5 if spot else None,
        ("door" if listing.has_exact_spot else "commune") if spot else None,
        osm_hours(listing),
        " ".join(card.ways),
        card.website,
        card.phone,
        f"{origin}/directory/{page_name(listing)}",
    )


def osm_hours(listing: Listing) -> str:
    """``Mo 09:00-12:30,14:00-19:00; Tu off``; empty when nothing is said."""
    week = listing.card.week
    if not any(week):
        return ""
    days = zip(_OSM_DAYS, week, strict=True)
    return "; ".join(
        f"{name} {','.join(f'{clock(start)}-{clock(end)}' for start, end in spans) or 'off'}"
        for name, spans in days
    )


def clock(minute: int) -> str:
    """Minutes since midnight as ``18:05``; what lies after midnight begins again."""
    return f"{minute // 60 % 24:02}:{minute % 60:02}"


def as_csv(dataset: Dataset, rows: Rows) -> str:
    """RFC 4180: commas, points, UTF-8 without a mark; what a spreadsheet takes for a formula is guarded."""
    made = io.StringIO()
    writer = csv.writer(made, lineterminator="\r\n")
    writer.writerow([field.name for field in dataset.fields])
    writer.writerows([[cell if isinstance(cell, float) else guarded(cell) for cell in row] for row in rows])
    return made.getvalue()


def as_json(dataset: Dataset, rows: Rows, made_on: date) -> dict[str, Any]:
    names = [field.name for field in dataset.fields]
    return {
        "dataset": dataset.name,
        "made_on": made_on.isoformat(),
        "licence": LICENCE_URL,
        "rows": [
            {name: None if cell == "" else cell for name, cell in zip(names, row, strict=True)}
            for row in rows
        ],
    }


def json_schema(dataset: Dataset, origin: str) -> dict[str, Any]:
    """Of the JSON form; strict: a column more is a mistake."""
    properties = {field.name: _json_type(field) for field in dataset.fields}
    row = {
        "type": "object",
        "additionalProperties": False,
        "required": list(properties),
        "properties": properties,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"{origin}/open-data/{dataset.name}.schema.json",
        "title": dataset.title,
        "description": dataset.about,
        "type": "object",
        "additionalProperties": False,
        "required": ["dataset", "made_on", "licence", "rows"],
        "properties": {
            "dataset": {"const": dataset.name},
            "made_on": {"type": "string", "format": "date"},
            "licence": {"const": LICENCE_URL},
            "rows": {"type": "array", "items": row},
        },
    }


def _json_type(field: OpenField) -> dict[str, Any]:
    name = "string" if field.type == "date" else field.type
    made: dict[str, Any] = {
        "type": name if field.is_required else [name, "null"],
        "description": field.meaning,
    }
    if field.type == "date":
        made["format"] = "date"
    if field.minimum is not None:
        made["minimum"] = field.minimum
    return made


def table_schema(dataset: Dataset, origin: str) -> dict[str, Any]:
    """Of the CSV form."""
    return {
        "$schema": "https://frictionlessdata.io/schemas/table-schema.json",
        "name": dataset.name,
        "title": dataset.title,
        "description": dataset.about,
        "path": f"{origin}/open-data/{dataset.name}.table-schema.json",
        "fields": [
            {
                "name": field.name,
                "type": field.type,
                "description": field.meaning,
                "constraints": {"required": field.is_required}
                | ({"minimum": field.minimum} if field.minimum is not None else {}),
            }
            for field in dataset.fields
        ],
        "missingValues": [""],
    }


@dataclass(frozen=True, slots=True)
class CatalogueTerms:
    """Whose catalogue it is; `nuts`: the region's code in the EU's classification, "" where none is known."""

    origin: str
    currency: str
    publisher: str
    region: str
    nuts: str
    made_on: date


def catalogue(terms: CatalogueTerms) -> dict[str, Any]:
    """The DCAT entry as JSON-LD: what data portals harvest."""
    home = f"{terms.origin}/open-data"
    publisher = {"@id": f"{home}#publisher", "@type": "foaf:Agent", "foaf:name": terms.publisher}
    return {
        "@context": {
            "dcat": "http://www.w3.org/ns/dcat#",
            "dct": "http://purl.org/dc/terms/",
            "foaf": "http://xmlns.com/foaf/0.1/",
            "xsd": "http://www.w3.org/2001/XMLSchema#",
        },
        "@id": f"{home}/catalogue.jsonld",
        "@type": "dcat:Catalog",
        "dct:title": {"@value": f"Données ouvertes : {terms.currency}", "@language": "fr"},
        "dct:description": {
            "@value": f"{terms.currency}, monnaie locale complémentaire ({terms.region}).",
            "@language": "fr",
        },
        "dct:publisher": publisher,
        "dct:license": {"@id": _LICENCE_URI},
        "dct:language": {"@id": f"{_EU}/language/FRA"},
        "foaf:homepage": {"@id": home},
        "dcat:dataset": [_dataset_entry(dataset, terms, publisher["@id"]) for dataset in DATASETS.values()],
    }


def _dataset_entry(dataset: Dataset, terms: CatalogueTerms, publisher: str) -> dict[str, Any]:
    home = f"{terms.origin}/open-data"
    spatial = {"dct:spatial": {"@id": f"http://data.europa.eu/nuts/code/{terms.nuts}"}} if terms.nuts else {}
    return {
        "@id": f"{home}#{dataset.name}",
        "@type": "dcat:Dataset",
        "dct:identifier": f"{home}#{dataset.name}",
        "dct:title": {"@value": dataset.title, "@language": "fr"},
        "dct:description": {"@value": f"{dataset.about} {_privacy(dataset)}".strip(), "@language": "fr"},
        "dct:publisher": {"@id": publisher},
        "dct:modified": {"@value": terms.made_on.isoformat(), "@type": "xsd:date"},
        "dct:accrualPeriodicity": {"@id": f"{_EU}/frequency/{dataset.frequency}"},
        "dct:license": {"@id": _LICENCE_URI},
        "dcat:theme": [{"@id": f"{_EU}/data-theme/ECON"}],
        "dcat:keyword": ["monnaie locale", terms.currency, terms.region],
        "dcat:landingPage": {"@id": home},
        **spatial,
        "dcat:distribution": [
            _distribution(dataset, home, "csv", "CSV", "text/csv", "table-schema"),
            _distribution(dataset, home, "json", "JSON", "application/json", "schema"),
        ],
    }


def _privacy(dataset: Dataset) -> str:
    if dataset is not DAYS:
        return ""
    return (
        f"Aucun nombre de paiements n’est publié pour moins de {K_ANONYMITY} payeurs ou de {K_ANONYMITY} "
        f"professionnels, ni quand l’un d’eux en fait plus de {MAX_SHARE_PERCENT} %."
    )


def _distribution(
    dataset: Dataset, home: str, ending: str, file_type: str, media_type: str, schema: str
) -> dict[str, Any]:
    address = f"{home}/{dataset.name}.{ending}"
    return {
        "@id": address,
        "@type": "dcat:Distribution",
        "dcat:accessURL": {"@id": home},
        "dcat:downloadURL": {"@id": address},
        "dcat:mediaType": {"@id": f"https://www.iana.org/assignments/media-types/{media_type}"},
        "dct:format": {"@id": f"{_EU}/file-type/{file_type}"},
        "dct:conformsTo": {"@id": f"{home}/{dataset.name}.{schema}.json"},
        "dct:license": {"@id": _LICENCE_URI},
    }


def json_text(made: dict[str, Any]) -> str:
    return json.dumps(made, ensure_ascii=False, indent=1)
