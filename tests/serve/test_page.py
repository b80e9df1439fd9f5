"""The page in a real browser: from a file that is dropped to the corrected one, by mouse and by keys alone."""

import contextlib
import json
import shutil
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect
from playwright.sync_api import TimeoutError as TooLate

from tests import batch
from tests.conftest import IN_CI
from tests.serve.conftest import Server

ROOT = Path(__file__).parents[2]
OFFICE = ROOT / "samples/dirty/office-837p.837"
ENDED = "This page was closed or reloaded, so lint837 forgot its files. Open the new address that lint837 printed."


def drop(page: Page, *files: Path | dict[str, object]) -> None:
    page.set_input_files("#choose", [*files])  # type: ignore[arg-type]
    page.locator("#results").wait_for()


def download(page: Page, what: str, folder: Path) -> Path:
    with page.expect_download() as started:
        page.click(f"[data-take={what}]")
    place = folder / started.value.suggested_filename
    started.value.save_as(place)
    return place


def lint837(*arguments: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "lint837", *arguments]
    return subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)


def rules(page: Page) -> list[str]:
    return [text.split()[0] for text in page.locator("#cards .finding .head strong").all_inner_texts()]


def test_from_a_dropped_file_to_a_corrected_one(page: Page, tmp_path: Path) -> None:
    drop(page, OFFICE)
    assert rules(page) == ["HCP001", "QTY001", "HCP002", "NDC001", "QTY001"]
    expect(page.locator("[data-take=file]")).to_be_disabled()

    page.get_by_role(
        "button", name="If 1 package of 10 mg was used and all of it given: bill 10 units (box 24G)"
    ).click()
    expect(page.get_by_role("status")).to_have_text(
        "Corrected claim HCO-25-0218, line 1. QTY001 is gone. No finding is left on this claim."
    )
    assert rules(page) == ["HCP001", "HCP002", "NDC001", "QTY001"]

    first = page.locator("#claim-1 .typed")
    for value, said in [
        ("J9*026", "A value cannot hold a delimiter of the file: * : ^ ~"),
        ("J9026\x07", "A value has letters, digits and signs of a plain keyboard only."),
        (" ", "Type a value first."),
        ("C9170", "That is what the claim says already."),
    ]:
        first.get_by_label("the value").fill(value)
        first.get_by_role("button", name="Write").click()
        expect(page.get_by_role("alert")).to_have_text(said)
    first.get_by_label("the value").fill("J9026")
    first.get_by_label("the value").press("Enter")
    expect(page.get_by_role("status")).to_contain_text("HCP001 is gone")

    page.get_by_role("button", name="Change it to 55513007701").click()
    expect(page.get_by_role("status")).to_contain_text("NDC001 is gone")
    page.get_by_role("button", name="Change J9999 to J9026").click()
    expect(page.get_by_role("status")).to_contain_text("HCP002 is gone")
    page.get_by_role("button", name="Undo HCP002").click()
    expect(page.get_by_role("status")).to_contain_text("Undone. New: HCP002")
    page.get_by_role("button", name="Change J9999 to J9026").click()
    expect(page.get_by_role("status")).to_contain_text("HCP002 is gone")
    page.get_by_role("button", name="If 1 package of 10 mg was used: change the NDC quantity to 1").click()
    expect(page.locator("#counts")).to_have_text("No findings in 4 claims.")

    file = download(page, "file", tmp_path)
    assert file.name == "office-837p-corrected.837"
    done = lint837("check", "--isolated", file.name, cwd=tmp_path)
    assert (done.returncode, done.stderr) == (0, "")
    before, after = OFFICE.read_bytes(), file.read_bytes()
    head, *lines = map(json.loads, download(page, "log", tmp_path).read_text().splitlines())
    assert (head["input"], head["output"]) == (OFFICE.name, file.name)
    moved = 0
    for line in lines:  # the log says all that differs
        old, new = line["old"].encode(), line["new"].encode()
        assert before[line["offset"] : line["offset"] + len(old)] == old
        before_now = line["offset"] + moved
        assert after[before_now : before_now + len(new)] == new
        moved += len(new) - len(old)
    assert [(line["claim"], line["rule"], line["element"]) for line in lines] == [
        ("HCO-25-0203", "HCP001", "SV101-2"),
        ("HCO-25-0218", "QTY001", "SV104"),
        ("HCO-25-0221", "HCP002", "SV101-2"),
        ("HCO-25-0221", "HCP002", "SV101-2"),
        ("HCO-25-0221", "NDC001", "LIN03"),
        ("HCO-25-0225", "QTY001", "SV104"),
    ]
    assert len(after) == len(before) + moved


def test_a_report_is_that_of_check(page: Page, tmp_path: Path) -> None:
    """Of the file as it is now, byte for byte."""
    drop(page, OFFICE)
    page.get_by_role("button", name="Change it to 55513007701").click()
    expect(page.get_by_role("status")).to_contain_text("NDC001 is gone")
    file = download(page, "file", tmp_path)
    for form in ("json", "csv", "html"):
        lint837("check", "--isolated", f"--report={form}=expected.{form}", file.name, cwd=tmp_path)
        got = download(page, form, tmp_path)
        assert got.name == f"office-837p-corrected.report.{form}"
        assert got.read_bytes() == (tmp_path / f"expected.{form}").read_bytes()


def focused(page: Page) -> str:
    found: str = page.evaluate("(document.activeElement.textContent || document.activeElement.id).trim()")
    return found


def tab_to(page: Page, name: str, key: str = "Tab") -> None:
    for _ in range(60):
        if focused(page).startswith(name):
            return
        page.keyboard.press(key)
    pytest.fail(f"{name!r} cannot be reached by keys")


def test_it_can_be_used_by_keys_alone(page: Page) -> None:
    page.on("filechooser", lambda chooser: chooser.set_files(OFFICE))  # from now on: a busy browser takes its time
    page.keyboard.press("Shift+Tab")
    tab_to(page, "choose")
    for _ in range(3):  # it may drop a chooser that opens before it intercepts them
        page.keyboard.press("Space")
        with contextlib.suppress(TooLate):
            page.locator("#results").wait_for(timeout=7_000)
            break
    expect(page.locator("#results")).to_be_visible()
    assert focused(page) == OFFICE.name  # what was opened
    tab_to(page, "If 1 package of 10 mg was used and all of it given")
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("QTY001 is gone")
    tab_to(page, "Corrected file", "Shift+Tab")
    with page.expect_download() as started:
        page.keyboard.press("Enter")
    assert started.value.suggested_filename == "office-837p-corrected.837"


def test_claims_are_found_sorted_and_ticked_off(page: Page) -> None:
    claims = [batch.claim(f"C{n:03}", [*batch.line("HC:C9170:JZ")], facility="11:B:1") for n in range(1, 61)]
    claims[40][2:] = ["LX*1", *(one.replace("*16000*", "*99000*") for one in batch.line("HC:C9170:JZ"))]
    data = batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, *claims)))).encode()
    drop(page, {"name": "many.837", "mimeType": "text/plain", "buffer": data})
    names = page.locator("#cards .claim h4")
    expect(page.locator("#page")).to_have_text("Page 1 of 3")
    page.get_by_role("button", name="Next").click()
    expect(names.first).to_contain_text("C026")
    page.get_by_label("Order").select_option("charge")
    expect(names.first).to_contain_text("C041")
    page.get_by_label("Search").fill("c060 hcp001")
    expect(names).to_have_count(1)
    page.get_by_label("Done with claim C060").check()
    page.get_by_label("Hide claims that are done").check()
    expect(names).to_have_count(0)
    page.get_by_label("Search").fill("")
    expect(page.locator("#counts")).to_have_text("60 of 60 claims have findings, 59 shown, 1 done.")


def test_the_back_button_goes_back(page: Page) -> None:
    """First through what was shown; at last from the page, which is over then."""
    drop(page, OFFICE)
    page.locator("#rule").select_option("NDC001")
    expect(page.locator("#cards .claim")).to_have_count(1)
    page.go_back()
    expect(page.locator("#cards .claim")).to_have_count(4)
    page.go_forward()
    expect(page.locator("#cards .claim")).to_have_count(1)
    page.goto("about:blank")
    page.go_back()
    expect(page.locator("#ended-text")).to_have_text(ENDED)
    page.goto("about:blank")


def test_an_address_works_once(page: Page, server: Server) -> None:
    """A second tab is refused in words, and the first one goes on."""
    drop(page, OFFICE)
    second = page.context.new_page()
    second.goto(server.address)
    expect(second.locator("#ended-text")).to_contain_text("This address was used already")
    second.close()
    page.get_by_role("button", name="Change it to 55513007701").click()
    expect(page.get_by_role("status")).to_contain_text("NDC001 is gone")
    assert page.evaluate("[location.hash, document.cookie, localStorage.length, sessionStorage.length]") == [
        "",
        "",
        0,
        0,
    ]


def test_two_files_are_open_side_by_side(page: Page) -> None:
    drop(page, OFFICE, ROOT / "samples/dirty/hospital-837i.837")
    page.get_by_role("button", name=OFFICE.name).click()
    expect(page.locator("#file-name")).to_have_text(OFFICE.name)
    expect(page.locator("#cards .claim")).to_have_count(4)
    page.get_by_role("button", name="Close and forget this file").click()
    expect(page.locator("#file-name")).to_have_text("hospital-837i.837")


def test_what_a_file_holds_stays_text(page: Page) -> None:
    claim = batch.claim("<img src=x onerror=alert(1)>", batch.line("HC:C9170:JZ"))
    data = batch.interchange(batch.group(batch.transaction_set(batch.subscriber(2, claim)))).encode()
    drop(page, {"name": "<b>x<i>.837", "mimeType": "text/plain", "buffer": data})
    expect(page.locator("#file-name")).to_have_text("<b>x<i>.837")
    expect(page.locator("#cards h4")).to_contain_text("<img src=x onerror=alert(1)>")
    assert page.locator("#file img, #file b, #file i").count() == 0


def test_a_file_that_cannot_be_taken_is_refused_in_words(page: Page) -> None:
    page.set_input_files("#choose", {"name": "a.zip", "mimeType": "application/zip", "buffer": b"PK\x03\x04rest"})
    expect(page.get_by_role("alert")).to_have_text(
        "a.zip: This is a ZIP archive. Unpack it, and drop the files that it holds."
    )


def test_a_file_that_is_too_large_is_not_sent(page: Page) -> None:
    page.locator("#choose").evaluate("(one) => { one.dataset.largest = 1048576; }")
    page.set_input_files("#choose", {"name": "a.837", "mimeType": "text/plain", "buffer": bytes(1048577)})
    expect(page.get_by_role("alert")).to_have_text(
        "a.837: it is larger than 1 MB. Check it with lint837 check, which reads any size."
    )


# ---------------------------------------------------------------- another page


ATTACK = """<!DOCTYPE html><title>another page</title><iframe src="http://127.0.0.1:{port}/"></iframe><script>
const tries = [
  fetch("http://127.0.0.1:{port}/").then((r) => r.text()),
  fetch("http://127.0.0.1:{port}/files/1"),
  fetch("http://127.0.0.1:{port}/files/1/claims", {{ headers: {{ "x-lint837-session": "x" }} }}),
  fetch("http://127.0.0.1:{port}/files?name=x", {{ method: "POST", body: "ISA" }}),
  fetch("http://127.0.0.1:{port}/session", {{ method: "POST", body: "token" }}),
  fetch("http://127.0.0.1:{port}/session", {{ method: "POST", body: "token", mode: "no-cors" }}).then((r) => r.text())
    .then((text) => {{ if (!text) {{ throw new Error("opaque"); }} }}),
];
Promise.allSettled(tries).then((all) => {{ window.outcome = all.map((one) => one.status); }});
</script>"""


class _Other(BaseHTTPRequestHandler):
    port = 0

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(ATTACK.format(port=_Other.port).encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere(server: Server) -> Iterator[str]:
    """The address of another server's page, which tries to reach this one."""
    _Other.port = server.port
    other = ThreadingHTTPServer(("127.0.0.1", 0), _Other)
    threading.Thread(target=other.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{other.server_address[1]}/"
    other.shutdown()
    other.server_close()


def test_another_page_can_neither_read_nor_post(page: Page, elsewhere: str, browser: Browser, server: Server) -> None:
    drop(page, OFFICE)
    context = browser.new_context()
    other = context.new_page()
    other.goto(elsewhere)
    other.wait_for_function("window.outcome")
    assert set(other.evaluate("window.outcome")) == {"rejected"}
    assert all("lint837" not in frame.content() for frame in other.frames[1:])
    # A name that leads here, as after DNS rebinding, is not this server's.
    response = other.goto(f"http://rebound.example:{server.port}/")
    assert response is not None
    assert (response.status, response.json()) == (421, {"said": "This address is not served here."})
    context.close()
    assert rules(page)  # and the page goes on


# ---------------------------------------------------------------- for everybody


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """axe-core, by npm; where that cannot install it, the test is skipped, and under CI it fails."""
    folder, npm = tmp_path_factory.mktemp("axe"), shutil.which("npm")
    if npm:
        command = [npm, "install", "--no-save", "--silent", "--prefix", str(folder), "axe-core@4"]
        subprocess.run(command, capture_output=True, check=False, timeout=120)
    script = folder / "node_modules/axe-core/axe.min.js"
    if not script.exists():
        why = "npm cannot install axe-core here"
        if IN_CI:
            pytest.fail(why)
        pytest.skip(why)
    return script.read_text(encoding="utf-8")


@pytest.mark.parametrize(("scheme", "width"), [("light", 390), ("dark", 1600)])
def test_a_page_without_barriers(page: Page, axe: str, scheme: str, width: int) -> None:
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.set_viewport_size({"width": width, "height": 900})
    drop(page, OFFICE)
    page.get_by_role("button", name="Change it to 55513007701").click()
    page.locator("#corrections button").wait_for()
    page.locator("#cards details").first.evaluate("(one) => { one.open = true; }")
    page.evaluate(axe)
    found = page.evaluate("axe.run().then((r) => r.violations.map((v) => [v.impact, v.id, v.nodes[0].html]))")
    assert [one for one in found if one[0] in ("serious", "critical")] == []
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
