"""Requests to read, their approval, and the grants that follow. 无批不阅档，阅档不离室."""
