"""Secrecy incidents 保密事件: scans that bear a mark of state secrecy are isolated, then erased or released."""
