"""E-mail for tests: as it should be, and as it is met."""

from email.message import EmailMessage
from email.mime.multipart import MIMEMultipart
from email.mime.text import MIMEText

__all__ = ["bare", "mail", "nested"]


def mail(body: str = "请于本月底前报送。", **headers: str) -> EmailMessage:
    """A message with a usual head; `headers` replace or add, an empty one is left out."""
    usual = {
        "From": "沈鉴 <shenjian@jianghai.example>",
        "To": "周敏 <zhoumin@jianghai.example>, 办公室 <bgs@jianghai.example>",
        "Date": "Fri, 05 Mar 2021 22:10:00 +0800",
        "Subject": "关于报送检查情况的函",
    }
    message = EmailMessage()
    for name, value in {**usual, **headers}.items():
        if value:
            message[name] = value
    message.set_content(body)
    return message


def bare(encoding: str, body: str = "檔案檢查情況請於本月底前報送，謝謝。", charset: str = "") -> bytes:
    """A message whose head and body are bytes of an encoding that they do not name, or name as `charset`."""
    declared = f"Content-Type: text/plain; charset={charset}\r\n" if charset else ""
    head = (
        f"From: {body[:4]} <a@b.example>\r\nSubject: {body[:8]}\r\nDate: Fri, 05 Mar 2021 10:00:00 +0800\r\n{declared}"
    )
    return f"{head}\r\n{body}\r\n".encode(encoding)


def nested(levels: int) -> bytes:
    """A multipart message, so many levels deep."""
    inner = MIMEText("最里面", "plain", "utf-8")
    for _ in range(levels):
        outer = MIMEMultipart()
        outer.attach(inner)
        inner = outer  # type: ignore[assignment]  # one is as good as the other here
    inner["From"], inner["Subject"] = "a@b.example", "x"
    return inner.as_bytes()
