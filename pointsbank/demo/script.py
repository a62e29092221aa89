"""What people of the demo usually do: weekly habits of teams, deeds that residents file, who clerks and reviews."""

from __future__ import annotations

from dataclasses import dataclass

from pointsbank.activities.models import ActivityKind, CheckInMode
from pointsbank.publicity.models import Grouping
from pointsbank.publicity.services import PaperDraft


@dataclass(frozen=True)
class Habit:
    """A weekly activity of a team: weekday (Monday 0), hour, minutes, how many usually come, the rule's item,
    the drawing that stands for its photo."""

    code: str
    team: str
    leader: str
    approver: str
    weekday: int
    hour: int
    minutes: int
    size: int
    title: str
    place: str
    item: str
    scene: str
    kind: ActivityKind = ActivityKind.VOLUNTEERING
    mode: CheckInMode = CheckInMode.IN_OUT


OBSERVERS = "啄木鸟市民观察团"
HABITS = (
    Habit("liuyin", "柳荫志愿服务队", "duizhang", "weiyuan", 5, 9, 120, 16, "楼道清洁日", "2 期花坛集合",
          "1.1", "stairs"),
    Habit("liuyin", "夕阳红巡逻队", "duizhang2", "weiyuan2", 2, 19, 60, 9, "傍晚安全巡逻", "柳荫 3 栋门口",
          "1.1", "evening"),
    Habit("xingshi", OBSERVERS, "xs-tuanzhang", "xs-weiyuan", 1, 8, 90, 11, "沿街巡查一轮", "兴石花园东门",
          "2.1", "street", ActivityKind.PATROL, CheckInMode.IN),
    Habit("xingshi", OBSERVERS, "xs-tuanzhang", "xs-weiyuan", 4, 8, 90, 10, "工地与小区巡查", "兴石花园东门",
          "2.1", "site", ActivityKind.PATROL, CheckInMode.IN),
    Habit("shiqiao", "石桥村志愿服务队", "sq-duizhang", "sq-weiyuan", 6, 8, 150, 22, "清沟修路义务劳动", "村口大樟树下",
          "1.1", "ditch"),
)
REVIEWERS = {"liuyin": "shenhe", "xingshi": "xs-shenhe", "shiqiao": "sq-shenhe"}
CLERKS = {"liuyin": "weiyuan", "xingshi": "xs-weiyuan", "shiqiao": "sq-weiyuan"}
CHECKERS = {"liuyin": "weiyuan2", "xingshi": "jiedao", "shiqiao": "jiedao"}
PROXIES = {"liuyin": "wangge"}
GROUPED = {"liuyin": Grouping.GRID, "xingshi": Grouping.HOUSEHOLD, "shiqiao": Grouping.HOUSEHOLD}
SELF_FILED = {
    "liuyin": (
        ("看望独居老人", "volunteering", "1.2"), ("调解楼上漏水", "other", "5.1"), ("帮邻居取药", "other", "5.2"),
        ("捡到钱包交还失主", "other", "5.3"), ("听居民夜校防诈骗课", "other", "6.1"),
        ("无偿献血 400 毫升", "other", "6.2"), ("义务理发", "volunteering", "1.3"),
        ("楼道堆物拍照反映", "snapshot", "3.1"),
    ),
    "xingshi": (
        ("看望独居老人", "volunteering", "1.2"), ("下水井盖松动拍照反映", "snapshot", "3.1"),
        ("飞线充电拍照反映", "snapshot", "3.1"), ("帮助行动不便的邻居买菜", "other", "5.2"),
    ),
    "shiqiao": (
        ("上门照看老人", "volunteering", "1.2"), ("调解田埂纠纷", "other", "3.1"),
        ("帮困难户收稻子", "other", "3.4"), ("听村民夜校", "other", "5.1"), ("家里孩子考上大学", "other", "5.2"),
        ("路灯不亮拍照反映", "snapshot", "4.2"),
    ),
}
UNITS = {("shiqiao", "5.2"): 1}
RESOLUTION = "居民代表会议 2026 年第 2 次会议通过，赞成 21 票，反对 1 票"
OBJECTION = "那天我在场，没有看到，请再核实一下。"
ON_PAPER = "写的是两次，我只看见来过一次。"
SLIP = PaperDraft(name="夏老伯", household="5-0099", reason="在服务中心窗口口头说的，不会写字")
DISMISSED = "问过证明人，也看了签到记录，情况属实。"
DOOR_LIST, ROSTER = "上门核对门牌，每栋打印一份", "发放防汛物资，按户签收"
UPHELD = "核实后记错了，这一条撤掉。"
PANEL_STAFF = ("weiyuan2", "shenhe")
AGAINST = "没有照片，也没有证明人"
SENT_BACK = "请补一张照片，或写上证明人，再报一次"
