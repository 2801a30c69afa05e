# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Where should ten new stations open?
#
# 新建十个驿站应当放在哪里？
# Maximal covering, solved exactly: the plan states how far it is from the best possible. The
# sample city is invented (示例数据，非真实站点).

# %%
from geodata.network import from_streets
from geodata.sample import make_city
from planner.candidates import from_grid
from planner.demand import from_frame
from planner.setting import Setting
from planner.siting import SitingProblem, solve
from planner.suggestion import NewStation, suggest

city = make_city(seed=0)
network = from_streets(city.streets)
setting = Setting(
    demand=from_frame(city.demand), stations=city.stations, network=network, areas=city.areas
)
candidates = from_grid(setting.demand.places, network, cost_cny=13_000, areas=city.areas)
new = NewStation(kind="co_built", hours="Mo-Su 07:00-21:00", seats=12)

# %% [markdown]
# ## The plan and its proof

# %%
found = suggest(setting, candidates, new, n_sites=10)
plan = found.plan
print(found.sites[["name", "gain_people", "share_after"]].round(3))
print(plan.outcome, f"gains {plan.objective:.0f}, none gains more than {plan.bound:.0f}")
assert plan.outcome == "optimal"
assert plan.gap == 0
assert abs(found.after.covered_people - found.before.covered_people - plan.objective) < 1e-6

# %% [markdown]
# ## What does one more station add?
#
# Each further station adds less than the one before, in the best plans too.

# %%
gains = [suggest(setting, candidates, new, n_sites=n).plan.objective for n in (1, 2, 4, 8)]
print([round(g) for g in gains])
assert gains == sorted(gains)
assert gains[1] <= 2 * gains[0] + 1e-6

# %% [markdown]
# ## The same with a matrix of one's own
#
# Anyone with a reach matrix can ask the same question; here, of the same city.

# %%
people = setting.demand.people_by_place() * ~found.before.covered
reach = setting.reach(candidates.geometry).matrix()
same = solve(SitingProblem.mclp(reach, people, n_sites=10))
assert abs(same.objective - plan.objective) < 1e-6
