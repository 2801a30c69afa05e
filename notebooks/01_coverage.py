# ---
# jupyter:
#   jupytext:
#     formats: py:percent
# ---

# %% [markdown]
# # Who has a station near, and when is it open?
#
# 谁的附近有驿站，什么时候开着？
# The sample city is invented (示例数据，非真实站点). For a real city replace `make_city` by
# `open_city("city")` and read its tables.

# %%
import pandas as pd

from geodata.network import from_streets
from geodata.sample import make_city
from planner.demand import from_frame
from planner.setting import Setting

city = make_city(seed=0)
setting = Setting(
    demand=from_frame(city.demand),
    stations=city.stations,
    network=from_streets(city.streets),
    areas=city.areas,
)

# %% [markdown]
# ## Near enough: 5, 10 and 15 minutes on foot
#
# A place counts when the walk, the stretch from door to street included, takes at most the
# standard.

# %%
measured = {minutes: setting.within(60 * minutes).coverage() for minutes in (5, 10, 15)}
near = pd.Series({minutes: c.share for minutes, c in measured.items()}, name="share near")
print(near.round(3))
assert near.is_monotonic_increasing, "a longer walk can only reach more people"

# %% [markdown]
# ## Near enough and open: hour by hour
#
# `share` counts doors that are surely open; `share_possible` also those whose hours nobody
# recorded.

# %%
week = pd.DataFrame(measured[10].by_hour)
by_day = week.pivot(index="hour", columns="weekday", values="share")[["Mo", "Sa", "Su"]]
print(by_day.round(2))
worst = measured[10].worst_hour
print("worst hour:", worst["weekday"], worst["hour"], f"{worst['share']:.1%}")
assert (week["share"] <= week["share_possible"] + 1e-12).all()
assert worst["share"] < measured[10].share, "doors near enough are not all open at the worst hour"

# %% [markdown]
# ## Which group, which district

# %%
groups = pd.DataFrame(measured[10].by_group).set_index("group")
areas = pd.DataFrame(measured[10].by_area).set_index("name")
print(groups.round(2), areas.sort_values("share").round(2), sep="\n\n")
assert abs(groups["people"].sum() - measured[10].people) < 1e-6 * measured[10].people
assert abs(areas["people"].sum() - measured[10].people) < 1e-6 * measured[10].people
