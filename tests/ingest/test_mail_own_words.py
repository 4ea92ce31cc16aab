"""What the sender wrote stays, what programs, companies and threads put around it goes."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from miner.ingest.mail.html import html_text
from miner.ingest.mail.own_words import own_words

OWN = "The lamp flickers and your shop never called me back."
OLD = "Dear customer, we have received your message."

ATTRIBUTIONS = [
    "On Mon, Mar 2, 2026 at 10:00 AM Glimmer Care <care@glimmer.example> wrote:",
    "On 2 Mar 2026, at 10:00, Glimmer Care wrote:",
    "Glimmer Care <care@glimmer.example> wrote:",
    "Den mån 2 mars 2026 kl 10:00 skrev Glimmer Care <care@glimmer.example>:",
    "2 mars 2026 kl. 10:00 skrev Glimmer Care <care@glimmer.example>:",
    "Am Mo., 2. März 2026 um 10:00 Uhr schrieb Glimmer Care <care@glimmer.example>:",
    "Glimmer Care <care@glimmer.example> schrieb am Mo., 2. März 2026, 10:00:",
    "Le lun. 2 mars 2026 à 10:00, Glimmer Care <care@glimmer.example> a écrit :",
    "El lun, 2 mar 2026 a las 10:00, Glimmer Care (<care@glimmer.example>) escribió:",
    "Op ma 2 mrt 2026 om 10:00 schreef Glimmer Care <care@glimmer.example>:",
    "Op 2 mrt. 2026, om 10:00 heeft Glimmer Care het volgende geschreven:",
]

BLOCKS = [
    ("From: Glimmer Care <care@glimmer.example>", "Sent: Monday", "To: Jo", "Subject: Lamp"),
    ("*From:* Glimmer Care", "*Date:* Monday", "*To:* Jo", "*Subject:* Lamp"),
    ("Från: Glimmer Care", "Skickat: den 2 mars", "Till: Jo", "Ämne: Lampan"),
    ("Von: Glimmer Care", "Gesendet: Montag", "An: Jo", "Betreff: Lampe"),
    ("De : Glimmer Care", "Envoyé : lundi", "À : Jo", "Objet : Lampe"),
    ("De: Glimmer Care", "Enviado: lunes", "Para: Jo", "Asunto: Lámpara"),
    ("Van: Glimmer Care", "Verzonden: maandag", "Aan: Jo", "Onderwerp: Lamp"),
]


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_a_marked_quotation_goes_with_its_announcement(line: str) -> None:
    assert own_words(f"{OWN}\n\n{line}\n\n> {OLD}\n>\n> Bye", reply=True) == OWN


@pytest.mark.parametrize("line", ATTRIBUTIONS)
def test_an_unmarked_quotation_goes_to_the_end(line: str) -> None:
    assert own_words(f"{OWN}\n\n{line}\n\n{OLD}\nBye", reply=True) == OWN


@pytest.mark.parametrize("line", [one for one in ATTRIBUTIONS if one.count(" ") > 7])
def test_an_announcement_broken_over_lines(line: str) -> None:
    words = line.split(" ")
    broken = " ".join(words[:6]) + "\n" + " ".join(words[6:])
    assert own_words(f"{OWN}\nSee below.\n{broken}\n> {OLD}", reply=True) == f"{OWN}\nSee below."


@pytest.mark.parametrize("block", BLOCKS)
@pytest.mark.parametrize("rule", ["", "________________________________\n"])
def test_a_block_of_header_fields_begins_older_mail(block: tuple[str, ...], rule: str) -> None:
    text = f"{OWN}\n\n{rule}" + "\n".join(block) + f"\n\n{OLD}"
    assert own_words(text, reply=True) == OWN


PROGRAMS = {
    "outlook": (
        "<html><head><!--[if !mso]><style>v {x: y}</style><![endif]--></head><body>"
        "<p class=MsoNormal>{own}<o:p></o:p></p><p class=MsoNormal><o:p>&nbsp;</o:p></p>"
        "<div style='border-top:solid #E1E1E1 1.0pt'><p class=MsoNormal><b>From:</b> Care "
        "&lt;care@glimmer.example&gt;<br><b>Sent:</b> 02 March 2026<br><b>To:</b> Jo<br>"
        "<b>Subject:</b> Lamp</p></div><p class=MsoNormal>{old}</p></body></html>"
    ),
    "outlook on the web": (
        '<div class="elementToProof">{own}</div><div id="appendonsend"></div><hr tabindex="-1">'
        '<div id="divRplyFwdMsg"><b>Från:</b> Care<br><b>Skickat:</b> den 2 mars 2026<br>'
        "<b>Till:</b> Jo<br><b>Ämne:</b> Lampan<div>&nbsp;</div></div><div>{old}</div>"
    ),
    "gmail": (
        '<div><div>{own}</div><div>-- <br><div class="gmail_signature">Jo</div></div></div>'
        '<br><div class="gmail_quote"><div class="gmail_attr">On Mon, Mar 2, 2026 at 10:00 AM Care '
        '&lt;<a href="mailto:care@glimmer.example">care@glimmer.example</a>&gt; wrote:<br></div>'
        '<blockquote class="gmail_quote"><div>{old}</div></blockquote></div>'
    ),
    "apple": (
        '<body dir="auto">{own}<br><br><div dir="ltr">Sent from my iPhone</div><div><br>'
        '<blockquote type="cite">On 2 Mar 2026, at 10:00, Care wrote:<br><br></blockquote></div>'
        '<blockquote type="cite"><div dir="ltr">{old}</div></blockquote></body>'
    ),
    "thunderbird": (
        '<p>{own}</p><div class="moz-cite-prefix">Am 02.03.26 um 10:00 schrieb Care:<br></div>'
        '<blockquote type="cite"><p>{old}</p></blockquote><pre class="moz-signature">-- \nJo</pre>'
    ),
}
"""Answers as mail programs write them, cut to what matters."""


@pytest.mark.parametrize("program", PROGRAMS)
def test_html_answers_of_mail_programs(program: str) -> None:
    html = PROGRAMS[program].replace("{own}", OWN).replace("{old}", OLD)
    assert own_words(html_text(html), reply=True) == OWN


def test_a_message_passed_on_from_a_phone() -> None:
    assert own_words(f"Sent from my iPhone\n\n> {OWN}") == OWN


@pytest.mark.parametrize(
    "line",
    [
        "-----Original Message-----",
        "-----Ursprungligt meddelande-----",
        "-----Ursprüngliche Nachricht-----",
        "-----Message d'origine-----",
        "-----Mensaje original-----",
        "-----Oorspronkelijk bericht-----",
    ],
)
def test_a_separator_begins_older_mail(line: str) -> None:
    assert own_words(f"{OWN}\n\n{line}\n{OLD}", reply=True) == OWN


def test_answers_between_quoted_lines_stay() -> None:
    text = (
        "On 2 Mar 2026, at 10:00, Glimmer Care wrote:\n> Which lamp is it?\n\nThe tall one.\n\n"
        "> Since when?\n\nSince Friday, and I am tired of it."
    )
    assert own_words(text, reply=True) == "The tall one.\n\nSince Friday, and I am tired of it."


@pytest.mark.parametrize(
    "text",
    [
        "On the phone your colleague wrote:\nI am not making this up. He wrote down nothing.",
        "From: Leeds\nTo: York\nDate: 3 May\nThe seat was broken on the whole way.",
        ">:( two hours in the queue",
        "Sent with the wrong courier.",
        "They told me\nSent with love and it was not.",
        "Price -- fine. Service -- awful.",
        "This lamp is a joke.",
    ],
)
def test_what_only_looks_like_furniture_stays(text: str) -> None:
    assert own_words(text) == text


@pytest.mark.parametrize("mark", ["-- ", "--"])
def test_a_signature_goes(mark: str) -> None:
    assert own_words(f"{OWN}\n{mark}\nJo Doe\nGlade Ltd\n+00 000") == OWN


def test_a_bare_double_dash_above_a_long_text_is_no_signature() -> None:
    rest = "\n".join(f"Point {n} of my complaint." for n in range(20))
    assert own_words(f"{OWN}\n--\n{rest}").endswith("Point 19 of my complaint.")


@pytest.mark.parametrize(
    "line",
    [
        "Sent from my iPhone",
        "Get Outlook for Android<https://aka.example/x>",
        "Skickat från min iPhone",
        "Von meinem iPhone gesendet",
        "Envoyé de mon iPhone",
        "Enviado desde mi iPhone",
        "Verstuurd vanaf mijn iPhone",
    ],
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_device_line_goes(line: str, gap: str) -> None:
    assert own_words(f"{OWN}{gap}{line}") == OWN


def test_a_disclaimer_goes_with_all_below_it_although_its_lines_are_broken() -> None:
    text = (
        f"{OWN}\n\nThis e-mail and any attachments are confidential and meant for\nthe person "
        "named above only.\n\nGlade Ltd, registered in Nowhere."
    )
    assert own_words(text) == OWN


@pytest.mark.parametrize(
    "banner",
    [
        "[EXTERNAL]",
        "CAUTION: This email originated from outside of the organization. Do not click links.",
        "You don't often get email from jo@home.example. Learn why this is important",
        "VARNING: Detta meddelande kommer utifrån och från en extern avsändare.",
    ],
)
def test_a_banner_of_the_gateway_goes(banner: str) -> None:
    assert own_words(f"{banner}\n\n{OWN}") == OWN


@pytest.mark.parametrize("block", BLOCKS)
def test_words_of_a_message_that_was_passed_on_are_kept(block: tuple[str, ...]) -> None:
    text = "---------- Forwarded message ---------\n" + "\n".join(block) + f"\n\n{OWN}\n-- \nJo"
    assert own_words(text) == OWN
    assert own_words(text, reply=True) == ""


def test_a_quoted_message_that_was_passed_on_is_kept() -> None:
    assert own_words(f"> {OWN}\n> Twice.") == f"{OWN}\nTwice."
    assert own_words(f"> {OWN}\n> Twice.", reply=True) == ""


def test_words_below_an_announcement_on_top_are_kept_in_doubt() -> None:
    line = ATTRIBUTIONS[0]
    assert own_words(f"{line}\n\n{OWN}", reply=True) == OWN


@given(st.lists(st.sampled_from([OWN, OLD, "> a", "--", "-- ", "", *ATTRIBUTIONS, *BLOCKS[0]])))
def test_own_words_are_lines_of_the_text_and_settle_at_once(lines: list[str]) -> None:
    text = "\n".join(lines)
    own = own_words(text, reply=True)
    assert set(own.split("\n")) <= {line.strip() for line in lines} | {""}
    assert not any(line.startswith("> ") for line in own.split("\n"))
    assert own == own.strip()


@given(st.text(max_size=300))
def test_any_text_is_answered(text: str) -> None:
    assert isinstance(own_words(text), str)
