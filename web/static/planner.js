// Says that a plan is being worked out, keeps the two limits apart, and drops the usual number of
// new sites for models that find the number themselves.
const words = JSON.parse(document.getElementById("page").textContent);
const form = document.getElementById("plan");
const [sites, budget] = [document.getElementById("new"), document.getElementById("budget")];

sites.addEventListener("input", () => { if (sites.value) budget.value = ""; });
budget.addEventListener("input", () => { if (budget.value) sites.value = ""; });
const model = document.getElementById("model");
model.addEventListener("change", () => {
  const finds = ["lscp", "pscp"].includes(model.value);
  if (finds && sites.value === sites.dataset.usual) sites.value = "";
  else if (!finds && !sites.value && !budget.value) sites.value = sites.dataset.usual;
});
form.addEventListener("submit", () => {
  document.getElementById("working").textContent = words.working;
  form.querySelector(".primary").setAttribute("aria-busy", "true");
});
addEventListener("pageshow", () => {
  document.getElementById("working").textContent = "";
  form.querySelector(".primary").removeAttribute("aria-busy");
});
