"""A contract, a letter from Hong Kong in traditional characters, and one in English."""

from samples.document import Document
from samples.official import GROUP
from samples.paper import LEFT, RIGHT, Typesetter

__all__ = ["DOCUMENTS"]

SUPPLIER = "苏州恒力精密机床有限公司"


def _contract(page: Typesetter) -> None:
    page.space(1)
    page.centred("数控机床采购合同", "head", 104, pitch=200)
    page.right("合同编号：JH-SJB-2021-046", 0)
    page.right("签订地点：江海市", 0)
    page.paragraph(f"甲方（买方）：{GROUP}", indent=0, face="hei")
    page.paragraph(f"乙方（卖方）：{SUPPLIER}", indent=0, face="hei")
    page.paragraph(
        "根据《中华人民共和国民法典》及有关法律法规，甲乙双方在平等、自愿、协商一致的基础上，就甲方向乙方采购数控机床"
        "事宜，订立本合同。"
    )
    page.paragraph("第一条  标的、数量和价款", indent=0, face="hei")
    page.table(
        [
            ["名称", "型号", "数量", "单价（元）", "金额（元）"],
            ["数控车床", "CK6150D", "3", "268000.00", "804000.00"],
            ["立式加工中心", "VMC850B", "2", "415000.00", "830000.00"],
            ["合计", "", "5", "", "1634000.00"],
        ],
        [3, 2.2, 1.2, 2.4, 2.6],
    )
    page.paragraph("合同总价为人民币壹佰陆拾叁万肆仟元整，含13%增值税、包装费、运输费、安装调试费和培训费。")
    page.paragraph("第二条  质量标准", indent=0, face="hei")
    page.paragraph(
        "货物应当为全新、未使用过的合格产品，符合国家标准和技术协议的要求。质量保证期为自验收合格之日起24个月。"
    )
    page.paragraph("第三条  交货", indent=0, face="hei")
    page.paragraph(
        "乙方应当于2021年10月31日前将货物运至甲方二号厂房，交货前3日书面通知甲方。毁损、灭失的风险自验收合格之日起转"
        "移。"
    )
    page.paragraph("第四条  付款方式", indent=0, face="hei")
    page.paragraph(
        "合同生效后10个工作日内支付总价的30%作为预付款；货到验收合格后支付60%；余款10%作为质量保证金，质保期满后无息"
        "支付。"
    )
    page.paragraph("第五条  技术资料", indent=0, face="hei")
    page.paragraph(
        "乙方应当随货提供操作说明书、电气原理图、合格证、精度检验单各一式两份及电子版一份，作为设备档案由甲方归档保存。"
    )
    page.paragraph("第六条  违约责任", indent=0, face="hei")
    page.paragraph(
        "乙方逾期交货的，每逾期一日按合同总价的千分之一支付违约金；逾期超过30日的，甲方有权解除合同并要求赔偿损失。"
    )
    page.paragraph("第七条  争议解决", indent=0, face="hei")
    page.paragraph("因本合同发生的争议，由双方协商解决；协商不成的，提交甲方所在地人民法院诉讼解决。")
    page.paragraph("本合同一式四份，甲乙双方各执两份，自双方签字盖章之日起生效。")
    page.space(0.5)
    page.paragraph(f"甲方：{GROUP}", indent=0)
    page.paragraph("法定代表人或委托代理人：黄志强", indent=0)
    page.paragraph("日期：2021年7月12日", indent=0)
    page.seal(GROUP + "合同专用章", LEFT + 420, page.y - 480)
    page.space(0.5)
    page.paragraph(f"乙方：{SUPPLIER}", indent=0)
    page.paragraph("法定代表人或委托代理人：吴永康", indent=0)
    page.paragraph("日期：2021年7月12日", indent=0)
    page.seal(SUPPLIER, LEFT + 480, page.y - 480)
    page.number_pages()


def _hong_kong_letter(page: Typesetter) -> None:
    page.y = 260
    page.centred("維港國際貿易有限公司", "ming_bold", 92, (20, 50, 110), 130)
    page.centred("香港九龍觀塘道三百八十八號創紀之城十七樓", "ming", 44, pitch=70)
    page.centred("電話：(852) 2345 6180　傳真：(852) 2345 6181", "ming", 44, pitch=90)
    page.rule((20, 50, 110), 4)
    page.paragraph("維貿字〔2021〕23號", indent=0)
    page.space(0.3)
    page.centred("關於二零二一年第二季度貨品交付安排的函", "ming_bold", 76, pitch=150)
    page.paragraph("江海實業集團有限公司：", indent=0)
    page.paragraph(
        "貴公司三月二十九日來函收悉。承蒙貴公司長期支持與信賴，雙方業務往來日益密切，謹此致謝。現就本年第二季度貨品交"
        "付事宜函覆如下："
    )
    page.paragraph(
        "一、訂單編號WK-2104所列軸承鋼管六十噸，將於五月十二日前在鹽田港裝船，預計五月十五日抵達貴公司指定碼頭。"
    )
    page.paragraph("二、因國際航運運力緊張，原訂六月交付之液壓零件須延後兩週，所增倉儲費用由本公司承擔。")
    page.paragraph("三、隨函附上裝箱單、產地來源證及檢驗證書副本各一份，正本另以速遞寄奉，請查收並妥為存檔。")
    page.paragraph("如對上述安排有任何意見，請於四月三十日前賜覆，以便本公司及時與船務公司聯絡。")
    page.paragraph("此致")
    page.paragraph("敬禮", indent=0)
    page.space(0.8)
    page.right("維港國際貿易有限公司", 2)
    page.right("董事總經理　梁啟邦", 2)
    page.right("二〇二一年四月十六日", 2)
    page.seal("維港國際貿易有限公司", RIGHT - 760, page.y - 560, radius=210)


def _english_letter(page: Typesetter) -> None:
    page.y = 280
    page.centred("NORTHWIND BEARINGS LIMITED", "latin_bold", 84, pitch=110)
    page.centred("14 Harbour Street, Hull HU1 3TG, United Kingdom", "latin", 44, pitch=66)
    page.centred("Telephone +44 1482 496 0127", "latin", 44, pitch=80)
    page.rule((28, 28, 30), 4)
    page.paragraph("Our reference: NB/QA/2020/117", indent=0)
    page.paragraph("12 May 2020", indent=0)
    page.space(0.5)
    for line in (
        "Production and Technology Department",
        "Jianghai Industrial Group Co., Ltd.",
        "Jianghai, P. R. China",
    ):
        page.paragraph(line, indent=0)
    page.space(0.5)
    page.paragraph("Dear Mr Huang,", indent=0)
    page.space(0.3)
    page.centred("Inspection Report on Spindle Bearing Units, Lot 2020-04", "latin_bold", 60, pitch=130)
    page.paragraph(
        "Thank you for your letter of 28 April. Forty units of the above lot were returned to our works for inspectio"
        "n on "
        "4 May. Each unit was dismantled, cleaned and measured by our quality assurance department.", indent=0,
    )  # fmt: skip
    page.space(0.3)
    page.paragraph(
        "Thirty-eight units are within the agreed tolerance of 0.004 mm. Two units, serial numbers 7741 and 7756, show "
        "traces of corrosion on the outer ring which were caused by sea water during transport. These two units will "
        "be "
        "replaced free of charge and dispatched by air freight before the end of this month.", indent=0,
    )  # fmt: skip
    page.space(0.3)
    page.paragraph(
        "The original certificates of measurement are enclosed. We recommend that they be kept with the machine recor"
        "ds "
        "for at least ten years. Please confirm receipt at your earliest convenience.", indent=0,
    )  # fmt: skip
    page.space(0.3)
    page.paragraph("Yours sincerely,", indent=0)
    page.space(1.2)
    page.paragraph("Margaret Ellison", indent=0)
    page.paragraph("Quality Assurance Manager", indent=0)
    page.paragraph("Enclosures: 2", indent=0)


DOCUMENTS = (
    Document(
        "2021-sjb-lathe-contract.pdf", "数控机床采购合同", "JH-SJB-2021-046", "20210712", GROUP, "SJB",
        "internal", "D30", _contract, dpi=200, quality=50,
    ),
    Document(
        "2021-sjb-hongkong-letter.jpg", "關於二零二一年第二季度貨品交付安排的函", "維貿字〔2021〕23號", "20210416",
        "維港國際貿易有限公司", "SJB", "internal", "D10", _hong_kong_letter, dpi=250, body="ming", pitch=112,
    ),
    Document(
        "2020-sjb-inspection-letter.jpg", "Inspection Report on Spindle Bearing Units, Lot 2020-04", "NB/QA/2020/117",
        "20200512", "NORTHWIND BEARINGS LIMITED", "SJB", "public", "D10", _english_letter,
        dpi=200, colour=False, body="latin", size=54, pitch=76,
    ),
)  # fmt: skip
