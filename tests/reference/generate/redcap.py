"""A fictitious longitudinal REDCap project with repeats and checkboxes. Writes ../../it/fixtures/redcap/*.csv."""
import csv, io, pathlib
F = pathlib.Path(__file__).parent / '../../it/fixtures/redcap'
HEAD = ["Variable / Field Name","Form Name","Section Header","Field Type","Field Label","Choices, Calculations, OR Slider Labels","Field Note","Text Validation Type OR Show Slider Number","Text Validation Min","Text Validation Max","Identifier?","Branching Logic (Show field only if...)","Required Field?","Custom Alignment","Question Number (surveys only)","Matrix Group Name","Matrix Ranking?","Field Annotation"]
API = ["field_name","form_name","section_header","field_type","field_label","select_choices_or_calculations","field_note","text_validation_type_or_show_slider_number","text_validation_min","text_validation_max","identifier","branching_logic","required_field","custom_alignment","question_number","matrix_group_name","matrix_ranking","field_annotation"]
def e(name, form, kind, label, choices="", note="", val="", lo="", hi="", ident="", branch="", req="", section="", ann=""):
    return [name, form, section, kind, label, choices, note, val, lo, hi, ident, branch, req, "", "", "", "", ann]
D = [
 e("record_id","enrolment","text","Record ID"),
 e("welcome","enrolment","descriptive","<div class=\"rich-text-field-label\"><p>Welcome!</p></div>"),
 e("email","enrolment","text","E-mail",val="email",ident="y"),
 e("dob","enrolment","text","Date of birth",val="date_dmy",lo="1920-01-01",hi="today",ident="y",req="y"),
 e("sex","enrolment","radio","Sex at birth","1, Female | 2, Male | 9, Prefer not to say",req="y",section="About you"),
 e("smoker","enrolment","yesno","Do you smoke?"),
 e("cigarettes","enrolment","text","Cigarettes <b>per day</b>",note="A pack has 20",val="integer",lo="1",hi="60",branch="[smoker] = '1'"),
 e("meds","enrolment","checkbox","Medication at enrolment","0, None | 1, SSRI | 2, Sleep aid, other | -1, Unknown"),
 e("arm","enrolment","dropdown","Arm","WL, Waiting list | CCT, Compassion training"),
 e("consented","enrolment","truefalse","Consent is signed"),
 e("weight","visit","text","Weight (kg)",val="number_1dp",lo="30",hi="200",section="<h3>Measures</h3>"),
 e("visit_at","visit","text","Visit",val="datetime_dmy"),
 e("pain","visit","slider","Pain today","none | | worst pain",val="number",lo="0",hi="100"),
 e("bmi","visit","calc","BMI","round([weight]/([height]*[height]),1)"),
 e("mood","visit","radio","Mood &amp; energy","1, low | 2, fair | 3, good"),
 e("comments","visit","notes","Comments"),
 e("ae_term","adverse_event","text","Adverse event"),
 e("ae_start","adverse_event","text","Start",val="date_mdy"),
 e("ae_serious","adverse_event","yesno","Serious? (age &lt; 5 or hospital)"),
 e("scan","adverse_event","file","Report"),
]
def write(name, rows, bom=False):
    out = io.StringIO(); csv.writer(out, lineterminator="\n").writerows(rows)
    (F/name).write_bytes((b"\xef\xbb\xbf" if bom else b"")+out.getvalue().encode())
write("dictionary.csv",[HEAD]+D, bom=True)
write("dictionary-api.csv",[API]+D)
COLS = ["record_id","redcap_event_name","redcap_repeat_instrument","redcap_repeat_instance","redcap_data_access_group","redcap_survey_identifier","enrolment_timestamp","email","dob","sex","smoker","cigarettes","meds___0","meds___1","meds___2","meds____1","arm","consented","enrolment_complete","weight","visit_at","pain","bmi","mood","comments","visit_complete","ae_term","ae_start","ae_serious","scan","adverse_event_complete"]
def row(**k):
    k={a.replace("meds_m1","meds____1"):b for a,b in k.items()}
    assert set(k)<=set(COLS), set(k)-set(COLS)
    return [str(k.get(c,"")) for c in COLS]
B,V="enrolment_arm_1","month_3_arm_1"
R = [
 row(record_id="101-1",redcap_event_name=B,redcap_data_access_group="north",enrolment_timestamp="2024-01-08 10:12:33",email="a@example.org",dob="1979-02-03",sex=1,smoker=1,cigarettes=12,meds___0=0,meds___1=1,meds___2=1,meds_m1=0,arm="WL",consented=1,enrolment_complete=2,weight="71.5",visit_at="2024-01-08 10:30",pain=20,bmi="24.2",mood=2,visit_complete=2),
 row(record_id="101-1",redcap_event_name=V,redcap_data_access_group="north",weight="70.9",visit_at="2024-04-09 09:00",pain=35,bmi="24.0",mood=3,comments="Feels better, \"much\" better.\nAsked for results.",visit_complete=2),
 row(record_id="101-1",redcap_event_name=V,redcap_repeat_instrument="adverse_event",redcap_repeat_instance=1,redcap_data_access_group="north",ae_term="Headache",ae_start="2024-03-01",ae_serious=0,adverse_event_complete=2),
 row(record_id="101-1",redcap_event_name=V,redcap_repeat_instrument="adverse_event",redcap_repeat_instance=2,redcap_data_access_group="north",ae_term="Fall",ae_start="2024-03-20",ae_serious=1,scan="[document]",adverse_event_complete=1),
 row(record_id="101-2",redcap_event_name=B,redcap_data_access_group="south",email="b@example.org",dob="1988-12-31",sex=2,smoker=0,meds___0=1,meds___1=0,meds___2=0,meds_m1=0,arm="CCT",consented=1,enrolment_complete=2,weight="250.5",visit_at="2024-01-10 11:00",pain=0,bmi="",mood=1,visit_complete=1),
 row(record_id="101-2",redcap_event_name=V,redcap_data_access_group="south",visit_complete=0),
 row(record_id="101-3",redcap_event_name=B,redcap_data_access_group="south",dob="1990-07-15",sex=9,smoker=0,meds___0=0,meds___1=0,meds___2=0,meds_m1=1,arm="CCT",consented=0,enrolment_complete=1),
]
write("raw.csv",[COLS]+R)
L = {"sex":{"1":"Female","2":"Male","9":"Prefer not to say"},"smoker":{"1":"Yes","0":"No"},"arm":{"WL":"Waiting list","CCT":"Compassion training"},"consented":{"1":"True","0":"False"},"mood":{"1":"low","2":"fair","3":"good"},"ae_serious":{"1":"Yes","0":"No"},"redcap_event_name":{B:"Enrolment (Arm 1: Trial)",V:"Month 3 (Arm 1: Trial)"},"redcap_repeat_instrument":{"adverse_event":"Adverse Event"},"redcap_data_access_group":{"north":"North","south":"South"}}
for c in COLS:
    if c.startswith("meds__"): L[c]={"0":"Unchecked","1":"Checked"}
    if c.endswith("_complete"): L[c]={"0":"Incomplete","1":"Unverified","2":"Complete"}
write("labels.csv",[COLS]+[[L.get(c,{}).get(v,v) for c,v in zip(COLS,r)] for r in R])
