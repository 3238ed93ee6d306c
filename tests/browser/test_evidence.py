"""Evidence is dropped on the page, photographed with a phone, and found again by a search."""

from pathlib import Path
from typing import Any

from playwright.sync_api import expect

from tests.browser.looking import axe, shoot
from tests.browser.playing import Person
from tests.pictures import photo

DROP = """([name, bytes]) => {
  const data = new DataTransfer();
  data.items.add(new File([new Uint8Array(bytes)], name, {type: "image/jpeg"}));
  const form = document.querySelector("form[data-upload]");
  for (const type of ["dragover", "drop"])
    form.dispatchEvent(new DragEvent(type, {dataTransfer: data, bubbles: true, cancelable: true}));
}"""


def test_evidence_by_drag_and_drop_and_from_a_phone(person: Any, tmp_path: Path) -> None:
    clerk: Person = person("clerk")
    code = clerk.registers("院墙外移半米，雨水倒灌进屋。", "河畔村9组", "欧阳若兰", "司马建国")
    page = clerk.page
    clerk.goes_to(f"/cases/{code}/evidence")
    page.get_by_label("证明什么").fill("外移的院墙")
    page.evaluate(DROP, ["院墙.jpg", list(photo((800, 600), "darkolivegreen"))])
    expect(page.locator(".evidence-piece")).to_have_count(1)
    expect(page.locator(".upload-list")).to_contain_text("已保存")
    picture = page.locator(".evidence-piece img")
    expect(picture).to_have_js_property("naturalWidth", 360)
    (tmp_path / "run.exe").write_bytes(b"MZ\x90\0")
    page.get_by_label("照片或文件").set_input_files(tmp_path / "run.exe")
    expect(page.locator(".upload-list")).to_contain_text("run.exe")
    expect(page.locator(".evidence-piece")).to_have_count(1)
    axe(page)
    shoot(page, "evidence-1280")

    phone: Person = person("dispatcher", 390)
    phone.goes_to(f"/cases/{code}/evidence")
    camera = phone.page.get_by_label("拍照")
    assert camera.get_attribute("capture") == "environment"
    (tmp_path / "IMG_0001.jpg").write_bytes(photo((800, 600), "sienna"))
    camera.set_input_files(tmp_path / "IMG_0001.jpg")
    expect(phone.page.locator(".evidence-piece")).to_have_count(2)
    second = phone.page.locator(".evidence-piece").nth(1)
    second.get_by_role("button", name="撤下").click()
    second.get_by_label("理由").fill("拍糊了")
    second.locator("dialog").get_by_role("button", name="撤下").click()
    expect(phone.page.locator(".evidence-piece.is-withdrawn")).to_contain_text("拍糊了")
    axe(phone.page)
    shoot(phone.page, "evidence-390", whole=True)

    page.locator("#top-search").fill("若兰")
    page.keyboard.press("Enter")
    expect(page.locator("mark").first).to_have_text("若兰")
    page.locator(".row-title").first.click()
    expect(page.locator(".case-head")).to_contain_text(code)
    phone.page.get_by_role("link", name="搜索").click()
    phone.page.get_by_role("searchbox").last.fill("司马 河畔")
    phone.page.get_by_role("searchbox").last.press("Enter")
    expect(phone.page.locator("#found-cases")).to_be_visible()
    axe(phone.page)
    shoot(phone.page, "search-390")
