"""The outside world behind the ports: one external system a file, vendor errors turned into ours at this boundary."""
