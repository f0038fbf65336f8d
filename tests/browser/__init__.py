"""Whole journeys in Chromium, between parties that are processes of their own."""
