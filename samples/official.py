"""Official documents of the invented 江海实业集团有限公司: red heads, numbers, seals."""

from samples.document import Document
from samples.paper import LEFT, RIGHT, Typesetter

__all__ = ["DOCUMENTS", "GROUP"]

GROUP = "江海实业集团有限公司"


def _signed(page: Typesetter, name: str, date: str, seal: str, indent: float = 3) -> None:
    page.space(1.2)
    page.right(name, indent)
    page.right(date, indent + 1)
    page.seal(seal, RIGHT - 66 * indent - 560, page.y - 2 * page.pitch - 190)


def _title(page: Typesetter, *lines: str) -> None:
    page.space(0.4)
    for line in lines:
        page.centred(line, "head", 88, pitch=138)
    page.space(0.6)


def _checklist_notice(page: Typesetter) -> None:
    page.red_head(GROUP + "文件")
    page.centred("江海办发〔2021〕12号", "fang", 66, pitch=110)
    page.rule()
    _title(page, "关于推行档案收集清单化管理", "工作的通知")
    page.paragraph("各部门、各子公司：", indent=0)
    page.paragraph(
        "为进一步规范公司档案收集工作，解决归档范围不清、责任不明、移交不及时等问题，根据《机关档案管理规定》和公司"
        "档案工作年度计划，经总经理办公会议研究，决定自2021年4月1日起在全公司推行档案收集清单化管理。现将有关事项通知"
        "如下："
    )
    page.paragraph("一、编制收集清单", face="hei")
    page.paragraph(
        "各部门应当依据部门职责逐项梳理应归档文件材料，于3月26日前编制本部门《档案收集清单》，明确材料名称、门类、"
        "保管期限、载体形式、移交时间、责任岗位和责任人，经部门负责人签字后报综合办公室汇总。"
    )
    page.paragraph("二、落实双套归档", face="hei")
    page.paragraph(
        "纸质文件与电子文件应当同步移交。扫描件分辨率不低于300dpi，页面完整、清晰、端正，不得以复印件代替原件。"
        "确因特殊情况无法移交纸质原件的，应当书面说明原因，由部门负责人和档案员共同签字确认。"
    )
    page.paragraph("三、按期移交考核", face="hei")
    page.paragraph(
        "各部门兼职档案员按清单所列时间办理移交，综合办公室对收集率、及时率、合格率按季度进行统计并通报，结果纳入"
        "部门年度绩效考核。连续两个季度收集率低于百分之九十的部门，由分管领导约谈部门负责人。"
    )
    page.paragraph("四、有关要求", face="hei")
    page.paragraph(
        "各部门要高度重视，指定一名熟悉业务、责任心强的同志担任兼职档案员，名单于3月15日前报综合办公室。"
        "联系人：周敏，电话：0513-8810 2236。"
    )
    page.paragraph("附件：档案收集清单（样表）")
    _signed(page, GROUP, "2021年3月5日", GROUP)
    page.number_pages()


def _training_report(page: Typesetter) -> None:
    page.red_head(GROUP + "人力资源部")
    page.centred("江海人报〔2020〕31号", "fang", 66, pitch=110)
    page.rule()
    _title(page, "关于2020年度职工培训工作", "情况的报告")
    page.paragraph("集团公司：", indent=0)
    page.paragraph(
        "2020年，人力资源部按照年初确定的培训计划，克服疫情影响，采取线上线下相结合的方式开展职工培训。现将有关情况报"
        "告如下："
    )
    page.paragraph("一、基本情况", face="hei")
    page.paragraph(
        "全年共举办各类培训班46期，参加培训2318人次，人均培训26.5学时，完成年度计划的104%。其中安全生产培训18期、"
        "专业技术培训15期、管理能力培训8期、档案与保密知识培训5期。培训经费预算86万元，实际支出79.4万元。"
    )
    page.paragraph("二、主要做法", face="hei")
    page.paragraph(
        "一是需求导向。年初向各部门发放调查表，收回有效问卷612份，据此调整课程12门。二是内训为主。聘任内部讲师37名，"
        "自编教材9册。三是严格考核。培训结束后统一组织考试，合格率为97.8%，不合格人员全部补训。"
    )
    page.table(
        [
            ["类别", "期数", "人次", "合格率"],
            ["安全生产", "18", "1042", "98.6%"],
            ["专业技术", "15", "684", "96.9%"],
            ["管理能力", "8", "325", "98.2%"],
            ["档案与保密", "5", "267", "95.1%"],
        ],
        [4, 2, 2, 2],
    )
    page.paragraph("三、存在问题", face="hei")
    page.paragraph(
        "部分生产班组倒班人员参训率偏低，线上课程互动不足，培训档案归集不够及时，个别班次缺少签到表和试卷原件。"
    )
    page.paragraph("四、下一步打算", face="hei")
    page.paragraph(
        "2021年将建立职工培训电子档案，做到一人一档、一班一卷；继续完善内部讲师激励办法，力争人均培训不少于30学时。"
    )
    page.paragraph("特此报告。")
    _signed(page, "人力资源部", "2020年12月18日", GROUP + "人力资源部")
    page.number_pages()


def _camera_request(page: Typesetter) -> None:
    page.red_head(GROUP + "财务部")
    page.both("江海财请〔2019〕7号", "签发人：沈国栋")
    page.rule()
    _title(page, "关于购置会计凭证影像采集设备的请示")
    page.paragraph("集团公司：", indent=0)
    page.paragraph(
        "我部现存2009年至2018年会计凭证共计3860册，查阅频繁，部分凭证纸张老化、装订松脱。为减少原件翻动，"
        "提高会计档案利用效率，拟对上述凭证逐步进行数字化采集。"
    )
    page.paragraph(
        "经询价比较，拟购置高速双面扫描仪2台、零边距平板扫描仪1台及配套计算机2台，预算共计人民币18.6万元，"
        "所需资金从2019年度信息化专项经费中列支。设备由财务部保管使用，采集工作在综合办公室指导下进行。"
    )
    page.paragraph("妥否，请批示。")
    page.paragraph("附件：1.设备询价比较表")
    page.paragraph("2.会计凭证数字化工作方案", indent=5)
    _signed(page, "财务部", "2019年5月20日", GROUP + "财务部", indent=5)


def _camera_reply(page: Typesetter) -> None:
    page.red_head(GROUP)
    page.centred("江海批〔2019〕15号", "fang", 66, pitch=110)
    page.rule()
    _title(page, "关于同意购置会计凭证影像采集设备的批复")
    page.paragraph("财务部：", indent=0)
    page.paragraph("你部《关于购置会计凭证影像采集设备的请示》（江海财请〔2019〕7号）收悉。经研究，现批复如下：")
    page.paragraph("一、同意购置高速双面扫描仪2台、零边距平板扫描仪1台及配套计算机2台，总价控制在人民币18.6万元以内。")
    page.paragraph("二、设备采购应当严格执行公司招标采购管理办法，由综合办公室会同财务部组织实施，验收资料按规定归档。")
    page.paragraph("三、数字化过程中要确保凭证原件安全，扫描场所与互联网物理隔离，未经批准不得将凭证带离档案库房。")
    page.paragraph("此复。")
    _signed(page, GROUP, "2019年6月3日", GROUP, indent=3)


def _decision(page: Typesetter) -> None:
    page.paragraph("特急", indent=0, face="hei")
    page.red_head(GROUP + "文件")
    page.centred("江海发〔2020〕5号", "fang", 66, pitch=110)
    page.rule()
    _title(page, "关于成立疫情防控工作领导小组的决定")
    page.paragraph("各部门、各子公司：", indent=0)
    page.paragraph(
        "为切实做好新冠肺炎疫情防控工作，保障职工生命安全和身体健康，维护正常生产经营秩序，"
        "经公司党委会研究，决定成立疫情防控工作领导小组。"
    )
    page.paragraph("组  长：陈海生", face="kai")
    page.paragraph("副组长：沈国栋  陆文娟", face="kai")
    page.paragraph("成  员：各部门、各子公司主要负责人", face="kai")
    page.paragraph(
        "领导小组下设办公室，设在综合办公室，负责日常防控、物资保障、信息报送和值班工作。各单位应当每日16时前"
        "报送人员健康情况，实行零报告制度，有关记录、台账作为专题档案收集归档。"
    )
    page.paragraph("本决定自印发之日起施行。")
    _signed(page, GROUP, "2020年1月28日", GROUP)


def _minutes(page: Typesetter) -> None:
    page.red_head("总经理办公会议纪要")
    page.centred("〔2020〕8号", "fang", 66, pitch=110)
    page.both(GROUP + "综合办公室", "2020年9月17日")
    page.rule()
    page.paragraph("内部", indent=0, face="hei")
    _title(page, "研究三季度经营情况和档案库房改造等事项")
    page.paragraph(
        "2020年9月15日上午，总经理陈海生在三楼第二会议室主持召开总经理办公会议，听取三季度经营情况汇报，研究档案库房"
        "改造等事项。纪要如下："
    )
    page.paragraph(
        "一、会议听取了财务部关于三季度经营情况的汇报。1至8月公司实现营业收入12.74亿元，同比增长6.2%；利润总额8630万"
        "元，同比增长3.9%。"
    )
    page.paragraph(
        "会议要求，四季度要紧盯全年目标，压减应收账款，确保年底前清收逾期账款不少于2100万元。责任单位：财务部，配合单"
        "位：生产技术部。"
    )
    page.paragraph(
        "二、会议研究了档案库房改造方案。原则同意将办公楼负一层东侧两间库房改造为恒温恒湿库房，安装密集架196列节，总"
        "投资控制在142万元以内。"
    )
    page.paragraph(
        "会议明确，库房改造期间档案搬迁须逐盒登记，搬出、搬入各清点一次，由综合办公室和施工单位双方签字，严禁将档案存"
        "放于走廊和临时工棚。"
    )
    page.paragraph(
        "三、会议通报了上半年督查督办事项完成情况。46项督办事项已办结43项，其余3项由责任部门于10月底前完成。"
    )
    page.paragraph("出席：陈海生、沈国栋、陆文娟、顾建平、施雪梅", face="kai")
    page.paragraph("列席：周敏、黄志强、徐丽华", face="kai")
    page.paragraph("记录：周敏", face="kai")
    page.rule((28, 28, 30), 3)
    page.y -= page.pitch * 0.8
    page.paragraph("分送：公司领导，各部门、各子公司。", indent=1)
    page.number_pages()


def _safety_notice(page: Typesetter) -> None:
    _title(page, "关于开展2021年“安全生产月”活动的通知")
    page.paragraph("各车间、班组：", indent=0)
    page.paragraph(
        "2021年6月是第20个全国“安全生产月”，主题是“落实安全责任，推动安全发展”。为组织好本次活动，现将有关安排通"
        "知如下："
    )
    page.paragraph("1. 6月1日上午8时30分，在一号厂房门前举行启动仪式，各车间参加人数不少于20人。")
    page.paragraph(
        "2. 6月上旬开展安全隐患排查，重点检查起重设备、配电柜、危险化学品仓库和消防通道，发现问题立即整改并填写整改记"
        "录单。"
    )
    page.paragraph(
        "3. 6月16日为“安全宣传咨询日”，组织观看警示教育片并进行安全知识竞赛，设一等奖1名、二等奖2名、三等奖5名。"
    )
    page.paragraph("4. 6月25日进行消防应急演练，演练方案、签到表、照片和总结于月底前交生产技术部资料员归档。")
    _signed(page, "生产技术部", "2021年5月24日", GROUP + "生产技术部", indent=4)
    page.draw.line([(LEFT, page.y + 60), (RIGHT, page.y + 60)], fill=(28, 28, 30), width=3)


DOCUMENTS = (
    Document(
        "2021-bgs-checklist-notice.pdf", "关于推行档案收集清单化管理工作的通知", "江海办发〔2021〕12号", "20210305",
        GROUP, "BGS", "public", "Y", _checklist_notice,
    ),
    Document(
        "2020-rlb-training-report.tif", "关于2020年度职工培训工作情况的报告", "江海人报〔2020〕31号", "20201218",
        GROUP + "人力资源部", "RLB", "internal", "D30", _training_report, colour=False, bilevel=True, wear=0.6,
    ),
    Document(
        "2019-cwb-scanner-request.jpg", "关于购置会计凭证影像采集设备的请示", "江海财请〔2019〕7号", "20190520",
        GROUP + "财务部", "CWB", "internal", "D30", _camera_request, wear=1.4,
    ),
    Document(
        "2019-bgs-scanner-reply.jpg", "关于同意购置会计凭证影像采集设备的批复", "江海批〔2019〕15号", "20190603", GROUP,
        "BGS", "public", "D30", _camera_reply,
    ),
    Document(
        "2020-bgs-epidemic-decision.jpg", "关于成立疫情防控工作领导小组的决定", "江海发〔2020〕5号", "20200128", GROUP,
        "BGS", "public", "Y", _decision, dpi=200, quality=60, pitch=112,
    ),
    Document(
        "2020-bgs-meeting-minutes.pdf", "总经理办公会议纪要", "〔2020〕8号", "20200917", GROUP + "综合办公室",
        "BGS", "internal", "Y", _minutes,
    ),
    Document(
        "2021-sjb-safety-month.jpg", "关于开展2021年“安全生产月”活动的通知", "", "20210524", "生产技术部",
        "SJB", "public", "D10", _safety_notice, dpi=200, colour=False, wear=1.8, quality=45,
    ),
)  # fmt: skip
