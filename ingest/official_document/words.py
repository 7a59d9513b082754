"""The vocabulary of official documents: what organisations end with, and the kinds of documents."""

import re

__all__ = ["CONTRACTS", "NAMED_HEADS", "is_organisation", "kind_of", "simplified"]

#: kinds of documents (文种) as they end a title
KIND = re.compile(
    r"(?:"
    r"命令|令|决定|决议|公报|公告|通告|意见|通知|通报|报告|请示|批复|议案|复函|函|纪要|会议记录|方案|办法"
    r"|规定|制度|细则|规则|规程|章程|条例|规划|计划|要点|总结|合同|协议|协议书|契约|契约书|合约|备忘录|通知书|说明|名单|预案"
    r"|简报|快报|答复|证明|介绍信|邀请函|感谢信|倡议书|委托书|安排|目录|汇报|讲话|建议|清单|标准|指南|须知"
    r"|聘书|承诺书|责任书|申请书|申请|情况|(?<!代)表|清册|名册|台账|台帳|记录|图"
    r")$"
)
#: a subtitle, or a note such as （试行）, that follows the kind
NOT_OF_KIND = re.compile(r"(?:[—–]{1,2}.+|（[^（）]{1,14}）|〔[^〔〕]{1,14}〕)$")
#: kinds that two parties sign
CONTRACTS = frozenset({"合同", "协议", "协议书", "契约", "契约书", "合约"})
#: heads that say what it is instead of whose it is
NAMED_HEADS = re.compile(r".*(?:纪要|简报|快报|会议记录|动态|信息|通讯|专报|情况反映|通报|(?<!命)令|命令|公告)")
ORGANISATION = re.compile(
    r"[\u4e00-\u9fffA-Za-z〔〕·\d]{1,40}(?:公司|集团|部|局|厅|委|会|委员会|办公室|办公厅|办|政府|学院|医院|大学|学校|中学|小学|中心|处|科|室"
    r"|股|组|院|署|党委|党组|支部|总支|团委|厂|车间|分厂|工会|站|所|馆|队|银行|支行|分行|社|店|园|场|基地|事务所|项目部|指挥部|法院|检察院|联盟|库|港|海关|监狱|剧团|社区)"
)
#: what ends like an organisation and is none
NO_ORGANISATION = re.compile(
    r".*(?:会议室|大会|会议|部分|全部|内部|机会|社会|场所|以上|一处|各处|到会|如下|如何办)|各.*|.*[和与及]各.*"
)
#: traditional characters of these words, each before its simplified one: enough to know the words
PAIRS = (
    "關关於于團团廳厅會会辦办學学醫医館馆隊队銀银車车間间廠厂領领導导黨党組组請请覆复複复報报議议決决記记錄录規规則则細细劃划計计總总結结協协書书"
    "說说單单預预簡简製制條条備备證证紹绍託托責责標标準准員员處处實实業业項项號号發发紀纪聯联務务啟启約约見见貿贸財财機机構构購购費费開开設设頭头興兴"
    "勞劳動动聘聘檔档電电訊讯資资聞闻場场園园揮挥檢检庫库"
)
SIMPLER = str.maketrans(dict(zip(PAIRS[::2], PAIRS[1::2], strict=True)))


def simplified(text: str) -> str:
    """The text with the traditional characters of this vocabulary made simple; of the same length."""
    return text.translate(SIMPLER)


def is_organisation(plain: str) -> bool:
    """Whether a line without blanks looks like the name of an organisation, and nothing else."""
    simple = simplified(plain)
    return 2 <= len(simple) <= 45 and bool(ORGANISATION.fullmatch(simple)) and not NO_ORGANISATION.fullmatch(simple)


def kind_of(title: str) -> str:
    """The kind of document that ends a title, in simplified characters; empty if it ends with none."""
    simple = NOT_OF_KIND.sub("", simplified(title.strip()))
    match = KIND.search(simple)
    return match[0] if match else ""
