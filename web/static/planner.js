// Says that a plan is being worked out, and keeps the two limits apart.
const words = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("plan");
const [sites, budget] = [document.getElementById("new"), document.getElementById("budget")];

sites.addEventListener("input", () => { if (sites.value) budget.value = ""; });
budget.addEventListener("input", () => { if (budget.value) sites.value = ""; });
form.addEventListener("submit", () => {
  document.getElementById("working").textContent = words.working;
  form.querySelector(".primary").setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  document.getElementById("working").textContent = "";
  form.querySelector(".primary").removeAttribute("aria-busy");
});
