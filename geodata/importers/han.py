"""Traditional characters, as sheets from Hong Kong and Taiwan programs have them, in simplified."""

from __future__ import annotations

_PAIRS = (
    "編编號号稱称經经緯纬開开時时間间營营業业點点週周節节國国無无關关門门設设備备飲饮機机爐炉氣气電电話话類类縣县區区為为"
    "單单聯联繫系絡络狀状態态舊旧銷销遷迁暫暂積积數数個个廁厕藥药傘伞維维網网線线熱热書书報报體体檢检驛驿務务對对"
    "員员詳详細细衛卫處处從从於于結结終终啟启閉闭館馆暢畅"
)
_SIMPLIFIED = str.maketrans(_PAIRS[::2], _PAIRS[1::2])


def simplified(text: str) -> str:
    """Give a text with those traditional characters replaced that our words are made of.

    Examples
    --------
    >>> simplified("開放時間"), simplified("週一至週五")
    ('开放时间', '周一至周五')
    """
    return text.translate(_SIMPLIFIED)
