"""The interface's words for values of the model: what `open`, `follow-up` or `pdf` is called.

English here, translated by the catalogues like every other word of the interface. A test compares the keys
with the model, so that no value can be without a word.
"""

from __future__ import annotations

from collections.abc import Mapping

LABELS: Mapping[str, Mapping[str, str]] = {
    "kind": {
        "appeal": "Urgent appeal",
        "report": "Report",
        "statement": "Statement",
        "portrait": "Portrait",
        "page": "Page",
        "member": "Member",
    },
    "section": {
        "appeal": "Urgent appeals",
        "report": "Reports",
        "statement": "Statements",
        "portrait": "Portraits",
        "page": "The network",
        "country": "Countries",
        "theme": "Themes",
        "case": "Cases",
    },
    "stage": {
        "first": "First appeal",
        "follow-up": "Follow-up",
        "final": "Final appeal",
        "closed": "Case closed",
    },
    "status": {
        "open": "Open",
        "partly-resolved": "Partly resolved",
        "closed-released": "Closed: released",
        "closed-died": "Closed: the person died",
        "closed-other": "Closed",
        "suspended": "Suspended",
    },
    "form": {
        "fact-finding": "Fact-finding report",
        "preliminary-findings": "Preliminary findings",
        "trial-observation": "Trial observation",
        "joint-submission": "Joint submission",
        "press-release": "Press release",
        "open-letter": "Open letter",
        "call-for-input": "Call for input",
        "treaty-body-news": "News from a treaty body",
    },
    "mechanism": {
        "UPR": "Universal Periodic Review",
        "CAT": "UN Committee Against Torture",
        "SPT": "UN Subcommittee on Prevention of Torture",
        "CCPR": "UN Human Rights Committee",
        "CESCR": "UN Committee on Economic, Social and Cultural Rights",
        "CRC": "UN Committee on the Rights of the Child",
        "CEDAW": "UN Committee on the Elimination of Discrimination against Women",
        "CERD": "UN Committee on the Elimination of Racial Discrimination",
        "CED": "UN Committee on Enforced Disappearances",
        "CMW": "UN Committee on Migrant Workers",
        "CRPD": "UN Committee on the Rights of Persons with Disabilities",
        "ACHPR": "African Commission on Human and Peoples’ Rights",
        "IACHR": "Inter-American Commission on Human Rights",
    },
    "format": {
        "pdf": "PDF",
        "print": "Print",
        "epub": "EPUB",
        "odt": "OpenDocument",
        "docx": "Word",
        "mp3": "Sound (MP3)",
        "mp4": "Film (MP4)",
    },
    "name_mode": {
        "full": "Full name",
        "initials": "Initials",
        "pseudonym": "Not the real name",
        "withheld": "Name withheld",
    },
    "state": {
        "machine": "Machine translation",
        "draft": "Draft translation",
        "reviewed": "Reviewed translation",
        "approved": "Approved translation",
    },
}
