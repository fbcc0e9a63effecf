import streamlit as st


def taking(found):
    st.write("…")
