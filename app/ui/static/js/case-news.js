// The page of a case says when something happened in it elsewhere. Nothing on the page is exchanged: who fills in a form
// goes on, and whoever wants to see what is new asks for the page.

import { newsFrom, watch } from "./live.js";

const bar = document.getElementById("case-news");

async function news() {
  const asked = new URL(bar.dataset.news, location);
  asked.searchParams.set("version", bar.dataset.version);
  const told = await newsFrom(asked);
  if (!told) return told === null;
  bar.dataset.version = told.version;
  if (!told.words) return true;
  bar.querySelector("[data-words]").textContent = told.words;
  bar.hidden = false;
  return true;
}

if (bar) {
  watch(news);
  bar.querySelector("[data-close]").addEventListener("click", () => {
    bar.hidden = true;
  });
}
