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
from planner.question import Question
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
found = suggest(setting, candidates, new, Question(n_sites=10))
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
gains = [
    suggest(setting, candidates, new, Question(n_sites=n)).plan.objective for n in (1, 2, 4, 8)
]
print([round(g) for g in gains])
assert gains == sorted(gains)
assert gains[1] <= 2 * gains[0] + 1e-6

# %% [markdown]
# ## Other questions
#
# How many stations would it take to serve nine people in ten? And where would ten stations make
# the travel of all people least? Each plan says in which unit its objective counts.

# %%
ninety = suggest(setting, candidates, new, Question(model="pscp", share=0.9))
print(f"{ninety.plan.objective:.0f} {ninety.unit}, share {ninety.after.share:.1%}")
assert ninety.unit == "new_stations"
assert ninety.after.share >= 0.9

nearest = suggest(setting, candidates, new, Question(model="pmedian", n_sites=10))
print(f"{nearest.plan.objective / nearest.before.people:.1f} minutes for each person")
assert nearest.unit == "person_minutes"
assert nearest.plan.gap == 0
# The sites that serve most people within ten minutes are not those that shorten the ways most.
assert nearest.after.covered_people <= found.after.covered_people

# %% [markdown]
# ## The same with a matrix of one's own
#
# Anyone with a reach matrix can ask the same question; here, of the same city.

# %%
people = setting.demand.people_by_place() * ~found.before.covered
reach = setting.reach(candidates.geometry).matrix()
same = solve(SitingProblem.mclp(reach, people, n_sites=10))
assert abs(same.objective - plan.objective) < 1e-6
